"""The plain case in SimPy: Poisson clients, round robin, servers with one worker each.

Prints the requests per second of CPU time. Run by run.sh, which makes the environment.
"""

import random
import sys
import time

import simpy

FRONT_S, BACK_S, SERVICE_S = 0.020, 0.001, 0.010


def request(env, server, done):
    """One request: to the balancer, to its server, served, and back."""
    sent = env.now
    yield env.timeout(FRONT_S)
    yield env.timeout(BACK_S)
    with server.request() as turn:
        yield turn
        yield env.timeout(random.expovariate(1 / SERVICE_S))
    yield env.timeout(BACK_S)
    yield env.timeout(FRONT_S)
    done.append(env.now - sent)


def clients(env, servers, rate_per_s, requests, done):
    """Sends requests as a Poisson process, to the servers in turn."""
    for number in range(requests):
        yield env.timeout(random.expovariate(rate_per_s))
        env.process(request(env, servers[number % len(servers)], done))


def main():
    servers, rate_per_s, requests = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    random.seed(1)
    env = simpy.Environment()
    pool = [simpy.Resource(env, capacity=1) for _ in range(servers)]
    done = []
    env.process(clients(env, pool, rate_per_s, requests, done))
    start = time.process_time()
    env.run()
    took = time.process_time() - start
    assert len(done) == requests
    print(f"{requests / took:.0f}")


main()
