"""devpi-server without devpi-web, although that is installed beside it. Arguments are those of devpi-server."""

import sys

import pluggy

load = pluggy.PluginManager.load_setuptools_entrypoints


def load_all_but_web(self, group, name=None):
    for plugin in ("devpi-web", "devpi-web-whoosh"):
        self.set_blocked(plugin)
    return load(self, group, name)


pluggy.PluginManager.load_setuptools_entrypoints = load_all_but_web

from devpi_server.main import main  # noqa: E402  the plugins are looked for when it is called

main(["devpi-server", *sys.argv[1:]])
