"""Finding the route of a method and path, segment by segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kibble.platform.web.route import Route


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    methods: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """A tree of path segments. A fixed segment wins over a parameter.

    A path has one spelling: what is compared with it elsewhere (limits, caches) would miss another.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises ``ValueError`` when two routes have one method and path."""
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        names: list[str] = []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}"))
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.fixed.setdefault(segment, _Node())
        if route.method in node.methods:
            raise ValueError(f"two routes for {route.method} {route.path}")
        node.methods[route.method] = (route, tuple(names))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and the values of its path's parameters; None when there is none."""
        found = self._match(path)
        if found is None:
            return None
        node, values = found
        row = node.methods.get("GET" if method == "HEAD" else method)
        if row is None:
            return None
        return row[0], dict(zip(row[1], values, strict=True))

    def methods(self, path: str) -> list[str]:
        """Return the methods that ``path`` has, sorted; none for an unknown path."""
        found = self._match(path)
        if found is None:
            return []
        methods = set(found[0].methods)
        return sorted(methods | {"HEAD"} if "GET" in methods else methods)

    def _match(self, path: str) -> tuple[_Node, list[str]] | None:
        node = self._root
        values: list[str] = []
        for segment in path.removeprefix("/").split("/"):
            child = node.fixed.get(segment)
            if child is None:
                child = node.parameter
                if child is None or not segment:
                    return None
                values.append(segment)
            node = child
        return (node, values) if node.methods else None
