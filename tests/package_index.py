"""A private package index for tests: the wheels of the extension's lock, over TLS, with answers that pip may keep.

The wheels come from the index that this machine is set to use, once, and are kept with the other tools of the tests.
"""

import functools
import html
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCK = Path(__file__).parents[1] / "vscode-client" / "setup" / "requirements.txt"
VALID_DAYS = 30
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name certificates before pip's own setting does."""


def locked_wheels(folder: Path) -> Path:
    """Return the folder with the lock's wheels for this Python, downloaded if they are not there."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = folder / f"wheels-{version}-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            wheels = Path(scratch) / "wheels"
            download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
            download += ["--only-binary", ":all:", "--requirement", str(LOCK), "--dest", str(wheels)]
            subprocess.run(download, check=True, stdout=subprocess.DEVNULL)
            wheels.rename(target)
    return target


class PackageIndex:
    """A running index.

    Attributes:
        served: names of the wheels that were fetched, in order.
    """

    def __init__(self, wheels: Path, state: Path) -> None:
        self.served: list[str] = []
        self._state = state
        self._certificate = _certificate(state)
        handler = functools.partial(_Handler, wheels, self.served, directory=str(wheels))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    @property
    def settings(self) -> dict[str, str]:
        """What pip is to be set to: this index and no other."""
        return {
            "index-url": f"https://127.0.0.1:{self.server.server_port}/simple",
            "cert": str(self._certificate),
            "cache-dir": str(self._state / "cache"),
            "extra-index-url": "",
            "find-links": "",
        }

    def variables(self) -> dict[str, str]:
        """Return the same settings as variables, which count before any file."""
        settings = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in self.settings.items()}
        return settings | dict.fromkeys(BUNDLES, str(self._certificate))

    def environment(self) -> dict[str, str]:
        """Return this process's environment with pip's own configuration in a file, in place of this machine's."""
        file = self._state / "pip.conf"
        lines = [f"{name} = {value}" for name, value in self.settings.items()]
        file.write_text("\n".join(["[global]", *lines, ""]), encoding="utf-8")
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("PIP_") and name not in BUNDLES
        }
        return kept | {"PIP_CONFIG_FILE": str(file)}


@contextmanager
def serving(wheels: Path, state: Path) -> Iterator[PackageIndex]:
    """Run an index for the length of a block."""
    index = PackageIndex(wheels, state)
    thread = threading.Thread(target=index.server.serve_forever)
    thread.start()
    try:
        yield index
    finally:
        index.server.shutdown()
        index.server.server_close()
        thread.join()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, wheels: Path, served: list[str], *args: object, **how: str) -> None:
        self._wheels, self._served = wheels, served
        super().__init__(*args, **how)  # pyright: ignore[reportArgumentType]

    def do_GET(self) -> None:
        page = re.fullmatch(r"/simple/([a-z0-9-]+)/", self.path)
        if page is None:
            self._served.append(self.path.rpartition("/")[2])
            super().do_GET()
            return
        names = (wheel.name for wheel in self._wheels.glob("*.whl"))
        links = [name for name in names if re.sub(r"[-_.]+", "-", name.split("-")[0]).lower() == page[1]]
        body = "".join(f'<a href="/{html.escape(name)}">{html.escape(name)}</a>\n' for name in links).encode()
        self.send_response(200 if links else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=31536000, immutable")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _certificate(folder: Path) -> Path:
    """Return a file with a key and the certificate of this machine's own address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "index.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return file
