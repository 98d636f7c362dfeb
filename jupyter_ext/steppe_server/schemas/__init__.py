"""What the routes take and answer, as msgspec structs and nothing else: the front end's types are made from them."""
