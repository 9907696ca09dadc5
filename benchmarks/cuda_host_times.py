"""Times of calls that wait for the device themselves: by the host's clock, from an idle device to an idle device."""
import statistics
import time

import torch

WARM_UP = 3  # calls of each that are not counted


def times_of(calls, rounds):
    """The medians of calls made in turn, in microseconds."""
    times = [[] for _ in calls]
    for k in range(-WARM_UP, rounds):
        for call, t in zip(calls, times):
            torch.cuda.synchronize()
            start = time.perf_counter()
            call(k)
            torch.cuda.synchronize()
            if k >= 0:
                t.append((time.perf_counter() - start) * 1e6)
    return [statistics.median(t) for t in times]
