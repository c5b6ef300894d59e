"""The exact optimum, or the best that a constraint solver finds, for the instances of the auto-scheduler.

Reads the JSON that `cargo bench --bench schedule -- --write FOLDER` writes and prints one line of tab-separated values for
each file: name, mode, units placed, the most events, units by last day, status, and spread of hours where asked.

    python solve.py exact FOLDER     long work and its last days, by maximum flow
    python solve.py best FOLDER      everything, by CP-SAT, --seconds each
    python solve.py spread FOLDER    the least spread of hours with as much placed and as few days beyond the most a week,
                                     by CP-SAT; then those days
"""

import argparse
import json
import pathlib

from ortools.graph.python import max_flow
from ortools.sat.python import cp_model

LONG_MINUTES_MIN = 240


def units_of(data):
    """Open events as units: the event, its Supervisors; Supervisors whose CORE is scheduled by themselves."""
    events = {event["id"]: event for event in data["events"]}
    units = []
    for event in data["events"]:
        if event["type"] == "supervisor":
            if event["fixed"]:
                units.append((event, []))
            continue
        followers = [other for other in data["events"] if other["core"] == event["id"]]
        units.append((event, followers))
    assert all(event["core"] in events or event["fixed"] or event["core"] is None for event in data["events"])
    return units


def host_starts(data, supervisor, day):
    fits = data["kinds"][supervisor["kind"]]["fits"]
    mask = 0
    for person in range(len(data["people"])):
        mask |= fits[person][day]
    return mask & supervisor["window"][day]


def days_of(data, event, followers):
    """The starts on each day on which a unit could go, hosts looked at one by one."""
    days = {}
    for day, mask in enumerate(event["window"]):
        for supervisor in followers:
            mask &= host_starts(data, supervisor, day)
        if mask and 0 <= day < data["days"]:
            days[day] = mask
    return days


def is_long(event):
    return event["type"] == "core" or event["minutes"] >= LONG_MINUTES_MIN


def exact(data):
    """The most units of long work due by each last day: no schedule has more of them, and one has all at once."""
    long = [(event, followers) for event, followers in units_of(data) if is_long(event)]
    lasts = sorted({min(event["last_day"], data["days"] - 1) for event, _ in long if event["last_day"] >= 0})
    vector = []
    for last in lasts:
        vector.append((last, flow(data, [unit for unit in long if unit[0]["last_day"] <= last or last == lasts[-1]])))
    return vector


def flow(data, units):
    graph, nodes = max_flow.SimpleMaxFlow(), {}

    def node(key):
        return nodes.setdefault(key, len(nodes))

    source, sink = node("source"), node("sink")
    joined = set()
    for event, followers in units:
        graph.add_arc_with_capacity(source, node(("unit", event["id"])), 1)
        for day, mask in days_of(data, event, followers).items():
            group = (event["kind"], day, mask)
            graph.add_arc_with_capacity(node(("unit", event["id"])), node(group), 1)
            if group in joined:
                continue
            joined.add(group)
            fits = data["kinds"][event["kind"]]["fits"]
            for person in range(len(data["people"])):
                if fits[person][day] & mask:
                    graph.add_arc_with_capacity(node(group), node((person, day)), 1)
                    if (person, day) not in joined:
                        joined.add((person, day))
                        graph.add_arc_with_capacity(node((person, day)), sink, 1)
    graph.solve(source, sink)
    return graph.optimal_flow()


def overlaps(short, one, other, title):
    (a, a_minutes, a_type), (b, b_minutes, b_type) = one, other
    if a_type == b_type == "core":
        return True
    if b >= a + a_minutes or a >= b + b_minutes:
        return False
    if a_type == b_type == "supervisor" and title == "Club Supervisor":
        return False
    return not (short > 0 and min(a_minutes, b_minutes) <= short)


class Model:
    """Units choose day and start; for each person, day, kind and start a number says how many of that kind they work."""

    def __init__(self, data):
        self.data, self.model = data, cp_model.CpModel()
        self.demand, self.works, self.worked, self.placed = {}, {}, {}, []
        self.units = units_of(data)
        for event, followers in self.units:
            self.unit(event, followers)
        for key, terms in self.demand.items():
            self.model.add(sum(terms) == sum(self.supply(key)))
        self.exclude()

    def unit(self, event, followers):
        spots = []
        if event["type"] == "supervisor":
            fixed = event["fixed"]
            spot = self.model.new_bool_var("")
            key = ("supervisor", event["minutes"], fixed["day"], fixed["start"], tuple(fixed["people"]))
            self.demand.setdefault(key, []).append(spot)
            spots.append(spot)
        else:
            starts = self.data["kinds"][event["kind"]]["starts"]
            for day, mask in days_of(self.data, event, followers).items():
                for bit, start in enumerate(starts):
                    if not mask >> bit & 1:
                        continue
                    spot = self.model.new_bool_var("")
                    spots.append(spot)
                    for one in [event, *followers]:
                        kind = self.data["kinds"][one["kind"]]
                        people = tuple(p for p, days in enumerate(kind["fits"]) if days[day] >> bit & 1)
                        key = (one["type"], one["minutes"], day, kind["starts"][bit], people)
                        self.demand.setdefault(key, []).append(spot)
        self.model.add(sum(spots) <= 1)
        self.placed.append(sum(spots))

    def supply(self, key):
        event_type, minutes, day, start, people = key
        most = len(self.demand[key])
        for person in people:
            works = self.works.setdefault((person, day), [])
            var = self.model.new_int_var(0, most, "")
            works.append((var, most, (start, minutes, event_type)))
            yield var

    def exclude(self):
        for (person, day), works in self.works.items():
            day_worked = self.worked[person, day] = self.model.new_bool_var("")
            title = self.data["people"][person]["title"]
            used = {}
            for var, most, what in works:
                if overlaps(self.data["short"], what, what, title):
                    self.model.add(var <= 1)
                used[id(var)] = self.model.new_bool_var("")
                self.model.add(var <= most * used[id(var)])
                self.model.add_implication(used[id(var)], day_worked)
            for at, (one, _, what) in enumerate(works):
                for other, _, that in works[at + 1 :]:
                    if overlaps(self.data["short"], what, that, title):
                        self.model.add_bool_or([used[id(one)].negated(), used[id(other)].negated()])

    def total(self):
        return sum(self.placed)

    def events(self):
        return sum(placed * (1 + len(followers)) for placed, (_, followers) in zip(self.placed, self.units))

    def minutes(self, person):
        own = [works for (who, _), works in self.works.items() if who == person]
        terms = [var * what[1] for works in own for var, _, what in works]
        return sum(terms) + self.data["people"][person]["minutes"]

    def days_too_many(self):
        """Days beyond the most that a person should work in a week, over all people."""
        too_many = []
        for person, one in enumerate(self.data["people"]):
            for week in sorted(set(self.data["weeks"])):
                days = [day for day in range(self.data["days"]) if self.data["weeks"][day] == week]
                worked = [1 if day in one["held_days"] else self.worked.get((person, day), 0) for day in days]
                over = self.model.new_int_var(0, 7, "")
                self.model.add(over >= sum(worked) - self.data["days_per_week_max"])
                too_many.append(over)
        return sum(too_many)

    def spread(self):
        titles = sorted({person["title"] for person in self.data["people"]})
        spreads = []
        for title in titles:
            high, low = self.model.new_int_var(0, 100_000, ""), self.model.new_int_var(0, 100_000, "")
            for person, one in enumerate(self.data["people"]):
                if one["title"] == title:
                    self.model.add(high >= self.minutes(person))
                    self.model.add(low <= self.minutes(person))
            spreads.append((title, high - low))
        return spreads


def solve(model, seconds):
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    status = solver.status_name(solver.solve(model.model))
    assert status in ("OPTIMAL", "FEASIBLE"), f"{status}: give it more --seconds"
    return solver, status


def best(data, seconds):
    model = Model(data)
    model.model.maximize(model.total())
    solver, status = solve(model, seconds)
    return round(solver.objective_value), solver.value(model.events()), status, round(solver.best_objective_bound)


def least_spread(data, seconds, units):
    model = Model(data)
    model.model.add(model.total() >= units)
    too_many = model.days_too_many()
    model.model.minimize(too_many)
    solver, _ = solve(model, seconds)
    days = round(solver.objective_value)
    for index, value in enumerate(solver.response_proto.solution):
        model.model.add_hint(model.model.get_int_var_from_proto_index(index), value)
    model.model.add(too_many <= days)
    spreads = model.spread()
    model.model.minimize(sum(spread for _, spread in spreads))
    solver, status = solve(model, seconds)
    return {title: solver.value(spread) / 60 for title, spread in spreads}, status, days, solver.best_objective_bound / 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["exact", "best", "spread"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for path in sorted(options.folder.glob(f"{options.only}*.json")):
        data = json.loads(path.read_text())
        name = path.stem
        if options.what == "exact":
            vector = exact(data)
            print(name, "exact", vector[-1][1], " ".join(f"{day}:{count}" for day, count in vector), sep="\t", flush=True)
        elif options.what == "best":
            units, events, status, bound = best(data, options.seconds)
            print(name, "best", units, events, status, f"bound {bound}", sep="\t", flush=True)
        else:
            units, _, _, _ = best(data, options.seconds)
            spreads, status, days, bound = least_spread(data, options.seconds, units)
            told = " ".join(f"{title}: {hours:.2f}" for title, hours in spreads.items())
            total, least = f"{sum(spreads.values()):.2f}", f"bound {bound:.2f}"
            print(name, "spread", units, total, status, least, told, f"{days} days", sep="\t", flush=True)


if __name__ == "__main__":
    main()
