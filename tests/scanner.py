"""A private clamd whose whole database is one sign of our own: nothing is downloaded."""

import pwd
import shutil
import socket
import subprocess

from tests.processes import HOST, Server, ServerError

SIGN = b"huajie-test-sign-of-a-virus"
LARGEST = 1  # MB that it takes: less than an attachment may have


class ClamAV(Server):
    """Finds `SIGN` in whatever it is sent, by TCP on `port` and by the socket at `path`."""

    name = "clamd"

    @property
    def url(self) -> str:
        return f"tcp://{HOST}:{self.port}"

    @property
    def unix_url(self) -> str:
        return f"unix://{self.directory}/clamd.ctl"

    def _launch(self) -> subprocess.Popen[bytes]:
        program = shutil.which("clamd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if not program:
            raise ServerError("clamd is not here: install it with `sh deploy/system-packages.sh`")
        signs = self.directory / "signs"
        signs.mkdir(exist_ok=True)
        (signs / "huajie.ndb").write_text(f"Huajie.Test:0:*:{SIGN.hex()}\n")
        settings = (
            f"TCPSocket {self.port}",
            f"TCPAddr {HOST}",
            f"LocalSocket {self.directory}/clamd.ctl",
            f"DatabaseDirectory {signs}",
            f"StreamMaxLength {LARGEST}M",
            "Foreground yes",
            f"User {pwd.getpwuid(self.directory.stat().st_uid).pw_name}",
        )
        (self.directory / "clamd.conf").write_text("\n".join(settings) + "\n")
        return self._spawn([program, f"--config-file={self.directory}/clamd.conf"])

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as client:
                client.sendall(b"nPING\n")
                return client.recv(16) == b"PONG\n"
        except OSError:
            return False
