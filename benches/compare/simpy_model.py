"""The plain case in SimPy: Poisson clients, round robin, servers with one worker each, exponential delays of links.

Prints the requests per second of CPU time. Run by run.sh, which makes the environment.
"""

import random
import sys
import time

import simpy

# Mean times of one way between clients and balancer, of one way between balancer and servers, and of the work.
FRONT_S, BACK_S, SERVICE_S = 0.020, 0.001, 0.010


def delay(env, mean_s):
    """A link takes its time."""
    return env.timeout(random.expovariate(1 / mean_s))


def request(env, server, queue_limit, ended):
    """One request: to the balancer, to its server, served or turned away, and back."""
    sent = env.now
    yield delay(env, FRONT_S)
    yield delay(env, BACK_S)
    if len(server.queue) < queue_limit:
        with server.request() as turn:
            yield turn
            yield delay(env, SERVICE_S)
    yield delay(env, BACK_S)
    yield delay(env, FRONT_S)
    ended.append(env.now - sent)


def clients(env, servers, rate_per_s, queue_limit, requests, ended):
    """Sends requests as a Poisson process, to the servers in turn."""
    for number in range(requests):
        yield delay(env, 1 / rate_per_s)
        env.process(request(env, servers[number % len(servers)], queue_limit, ended))


def main():
    servers, rate_per_s, queue_limit, requests = (int(word) for word in sys.argv[1:])
    random.seed(1)
    env = simpy.Environment()
    pool = [simpy.Resource(env, capacity=1) for _ in range(servers)]
    ended = []
    env.process(clients(env, pool, rate_per_s, queue_limit, requests, ended))
    start = time.process_time()
    env.run()
    took = time.process_time() - start
    assert len(ended) == requests
    print(f"{requests / took:.0f}")


main()
