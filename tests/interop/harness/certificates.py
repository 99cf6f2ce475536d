# SPDX-License-Identifier: Apache-2.0
"""An authority, a server's and a client's certificate, made by openssl for one run."""
import pathlib
import subprocess

USER = "meter-7"


class Certificates:
    def __init__(self, home):
        self.home = pathlib.Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.ca = self.home / "ca.pem"
        self._openssl("req", "-x509", *self._new_key("ca"), "-out", self.ca, "-days", "2", "-subj", "/CN=Tenon interop")
        self.server = self._signed("server", "localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.client = self._signed("client", USER, "extendedKeyUsage=clientAuth")

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {words[0]}: {done.stdout}")

    def _new_key(self, name):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.home / f"{name}.key"

    def _signed(self, name, common_name, extension):
        """The paths of certificate and key."""
        request, extensions = self.home / f"{name}.csr", self.home / f"{name}.ext"
        extensions.write_text(extension + "\n")
        self._openssl("req", "-new", *self._new_key(name), "-out", request, "-subj", f"/CN={common_name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.home / "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", extensions, "-out", self.home / f"{name}.pem")
        return self.home / f"{name}.pem", self.home / f"{name}.key"
