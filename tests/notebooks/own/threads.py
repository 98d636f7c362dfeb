# %%
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()
lock.acquire()

# %%
lock.locked()

# %%
lock.release()
lock.locked()


# %%
def say(word):
    with lock:
        print(word)


worker = threading.Thread(target=say, args=("from a thread",))
worker.start()
worker.join()

# %%
inbox = queue.Queue()
done = []


def consume():
    while (item := inbox.get()) is not None:
        done.append(item * 2)


consumer = threading.Thread(target=consume)
consumer.start()

# %%
for number in range(3):
    inbox.put(number)

# %%
inbox.put(None)
consumer.join()
done

# %%
pool = ThreadPoolExecutor(2)
futures = [pool.submit(pow, 2, number) for number in range(5)]

# %%
[future.result() for future in futures]

# %%
pool.shutdown()

# %%
event = threading.Event()
event.is_set()

# %%
event.set()

# %%
event.is_set(), event.wait(0)

# %%
local = threading.local()
local.value = 4

# %%
local.value
