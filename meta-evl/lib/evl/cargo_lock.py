# SPDX-License-Identifier: MIT
"""Cargo.lock, read at parse time: which crates a recipe needs, and where bitbake fetches them."""

import re

# A lock file is written by cargo in one fixed form, so the few keys that matter are found by their lines. (Python has a
# TOML parser since 3.11; bitbake also runs on older ones.)
_KEY = re.compile(r'^(name|version|source|checksum) = "(.*)"$', re.M)
_DEPENDENCIES = re.compile(r"^dependencies = \[\n(.*?)^\]", re.M | re.S)


class LockError(Exception):
    """The lock file cannot be used; the message says why and what to do."""


class Package:
    """One [[package]] of a lock file."""

    def __init__(self, text):
        keys = dict(_KEY.findall(text))
        self.name = keys["name"]
        self.version = keys["version"]
        self.source = keys.get("source")
        self.checksum = keys.get("checksum")
        listed = _DEPENDENCIES.search(text)
        self.dependencies = re.findall(r'^ "(.*)",$', listed.group(1), re.M) if listed else []

    def uri(self):
        """The SRC_URI entry; bitbake's crate fetcher takes `crate://REGISTRY/NAME/VERSION`."""
        if not self.checksum:
            raise LockError(f"{self.name} {self.version} comes from {self.source}, which has no checksums: "
                            "give it to the recipe as a git:// entry with `name` and `destsuffix`, and "
                            "list its name in CARGO_LOCK_OTHER_SOURCES")
        return f"crate://{registry(self)}/{self.name}/{self.version};sha256sum={self.checksum}"


def registry(package):
    """The registry's name, from the package's source line.

    A git index is named after its registry (`.../NAME-index`); a sparse index is the registry's own address.
    """
    kind, _, address = package.source.partition("+")
    if kind == "sparse":
        return address.split("://", 1)[-1].strip("/")
    name = address.rstrip("/").rsplit("/", 1)[-1]
    if kind == "registry" and name.endswith("-index"):
        return name[: -len("-index")]
    raise LockError(f"{package.name} {package.version} comes from {package.source}: no registry is known by that")


def parse(text):
    """The lock file's packages."""
    packages = text.split("[[package]]\n")[1:]
    if not packages:
        raise LockError("it has no [[package]]: run `cargo generate-lockfile` and commit the result")
    return [Package(package) for package in packages]


def needed(packages, members):
    """The packages that the named ones need, themselves included, in the lock file's order."""
    known = {}
    for package in packages:
        for reference in (package.name, f"{package.name} {package.version}",
                          f"{package.name} {package.version} ({package.source})"):
            known.setdefault(reference, package)
    unknown = [member for member in members if member not in known]
    if unknown:
        raise LockError(f"it has no package {', '.join(unknown)}: correct CARGO_LOCK_PACKAGES")
    found = set()
    queue = [known[member] for member in members]
    while queue:
        package = queue.pop()
        if package not in found:
            found.add(package)
            queue.extend(known[dependency] for dependency in package.dependencies)
    return [package for package in packages if package in found]


def uris(text, members, other_sources=()):
    """SRC_URI entries of every crate that the members need; of all crates if no member is named."""
    packages = parse(text)
    if members:
        packages = needed(packages, members)
    return [package.uri() for package in packages if package.source and package.name not in other_sources]


def cut_workspace(manifest, members):
    """Leaves only these members in the workspace's manifest."""
    with open(manifest, encoding="utf-8") as source:
        text = source.read()
    listed = ", ".join(f'"{member}"' for member in members)
    text, count = re.subn(r"^members = \[.*?\]", f"members = [{listed}]", text, count=1, flags=re.M | re.S)
    if not count:
        raise LockError(f"{manifest} is no workspace: CARGO_LOCK_PACKAGES must be empty")
    with open(manifest, "w", encoding="utf-8") as target:
        target.write(text)


def vendored(text, folder):
    """Configuration of cargo that takes the lock file's registries' crates from a folder."""
    packages = {package.source: package for package in parse(text) if package.checksum}
    lines = [f'[source.bitbake]\ndirectory = "{folder}"\n']
    for source in sorted(packages):
        # Cargo knows its default registry by this name; others may have any.
        name = re.sub(r"\W+", "-", registry(packages[source]))
        address = source if source.startswith("sparse+") else source.partition("+")[2]
        lines.append(f'[source.{name}]\nregistry = "{address}"\nreplace-with = "bitbake"\n')
    return "\n".join(lines)
