# %%
import asyncio

# %%
await asyncio.sleep(0.01)


# %%
async def double(number):
    await asyncio.sleep(0.001)
    return number * 2


result = await double(21)
result

# %%
await asyncio.gather(*(double(number) for number in range(4)))


# %%
async def countdown(number):
    while number:
        yield number
        number -= 1


[number async for number in countdown(3)]

# %%
task = asyncio.create_task(double(5))

# %%
await task

# %%
async with asyncio.timeout(5):
    inside = await double(1)
inside

# %%
queue = asyncio.Queue()
await queue.put("kept")

# %%
await queue.get()

# %%
if result > 40:
    later = await double(result)
later

# %%
stream = countdown(4)
await anext(stream)

# %%
await anext(stream)
