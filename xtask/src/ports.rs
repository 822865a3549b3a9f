// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the guest talks to the host: the output of its command, and its last word.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use fs_err as fs;
use tempfile::TempDir;

pub(crate) struct Ports {
    kind: Kind,
    /// Of the sockets. Removed when the ports are closed.
    _folder: TempDir,
}

enum Kind {
    /// Three ports; output is shown as it comes.
    Virtio {
        stdout: Port<()>,
        stderr: Port<()>,
        status: Port<Vec<u8>>,
    },
    /// A second serial line on a machine without PCI: one [`Report`], when the command has ended.
    Serial(Port<Vec<u8>>),
}

impl Ports {
    /// Call it after the console's `-serial`: the order of those matters.
    pub(crate) fn open(qemu: &mut Command, serial: bool) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("evl-").tempdir()?;
        let path = folder.path();
        let kind = if serial {
            qemu.args(["-serial", "chardev:host"]);
            Kind::Serial(Port::open(qemu, path, "host", gather)?)
        } else {
            qemu.args(["-device", "virtio-rng-pci", "-device", "virtio-serial-pci"]);
            for name in ["stdout", "stderr", "status"] {
                qemu.arg("-device")
                    .arg(format!("virtserialport,chardev={name},name=evl.{name}"));
            }
            Kind::Virtio {
                stdout: Port::open(qemu, path, "stdout", |stream| copy(stream, io::stdout()))?,
                stderr: Port::open(qemu, path, "stderr", |stream| copy(stream, io::stderr()))?,
                status: Port::open(qemu, path, "status", gather)?,
            }
        };
        Ok(Self {
            kind,
            _folder: folder,
        })
    }

    /// Call it when QEMU is gone. The status of the guest's command, if it had a last word.
    pub(crate) fn close(self) -> Option<u8> {
        match self.kind {
            Kind::Virtio {
                stdout,
                stderr,
                status,
            } => {
                stdout.close();
                stderr.close();
                exit_status(&status.close()?)
            }
            Kind::Serial(port) => {
                let bytes = port.close()?;
                let report = Report::parse(&bytes)?;
                copy(report.stdout, io::stdout());
                copy(report.stderr, io::stderr());
                Some(report.status)
            }
        }
    }
}

/// `exit STATUS`
fn exit_status(word: &[u8]) -> Option<u8> {
    let word = std::str::from_utf8(word).ok()?;
    word.trim().strip_prefix("exit ")?.parse().ok()
}

/// What comes over a serial line: `stdout LENGTH`, so many bytes, the same with `stderr`, then `exit STATUS`.
#[derive(Debug, PartialEq, Eq)]
struct Report<'a> {
    stdout: &'a [u8],
    stderr: &'a [u8],
    status: u8,
}

impl<'a> Report<'a> {
    /// `None` if the guest did not finish it.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        // A UART that is set up may send some bytes of its own first.
        let start = bytes.windows(7).position(|name| name == b"stdout ")?;
        let (stdout, rest) = Self::part(&bytes[start..], "stdout ")?;
        let (stderr, rest) = Self::part(rest, "stderr ")?;
        let status = exit_status(rest)?;
        Some(Self {
            stdout,
            stderr,
            status,
        })
    }

    fn part(bytes: &'a [u8], name: &str) -> Option<(&'a [u8], &'a [u8])> {
        let end = bytes.iter().position(|&byte| byte == b'\n')?;
        let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
        let length = std::str::from_utf8(head).ok()?.strip_prefix(name)?;
        rest.split_at_checked(length.parse().ok()?)
    }
}

/// The chardev `NAME` of QEMU, read by a thread of ours.
struct Port<T> {
    path: PathBuf,
    reader: JoinHandle<Option<T>>,
}

impl<T: Send + 'static> Port<T> {
    fn open(
        qemu: &mut Command,
        folder: &Path,
        name: &str,
        read: impl FnOnce(UnixStream) -> T + Send + 'static,
    ) -> Result<Self> {
        let path = folder.join(name);
        let listener = UnixListener::bind(&path)
            .with_context(|| format!("cannot listen on {}", path.display()))?;
        qemu.arg("-chardev")
            .arg(format!("socket,id={name},path={}", path.display()));
        let reader = thread::spawn(move || listener.accept().ok().map(|(stream, _)| read(stream)));
        Ok(Self { path, reader })
    }

    /// Call it when QEMU is gone. The connection of our own ends a reader that QEMU never connected to.
    fn close(self) -> Option<T> {
        let _ = UnixStream::connect(&self.path);
        let _ = fs::remove_file(&self.path);
        self.reader.join().ok().flatten()
    }
}

fn gather(stream: UnixStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    copy(stream, &mut bytes);
    bytes
}

/// Like `io::copy`, but shows each piece as it comes.
fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = [0; 4096];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0
            || to
                .write_all(&buffer[..count])
                .and_then(|()| to.flush())
                .is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_may_hold_anything() {
        let report = Report::parse(b"\x9cstdout 9\na\nexit 1\nstderr 2\n\xff\0exit 3\n").unwrap();
        assert_eq!(report.stdout, b"a\nexit 1\n");
        assert_eq!(report.stderr, b"\xff\0");
        assert_eq!(report.status, 3);
    }

    #[test]
    fn half_a_report_is_none() {
        for bytes in [
            &b""[..],
            b"stdout 5\nabc",
            b"stdout 0\nstderr 0\n",
            b"stdout 0\nstderr 0\nexit x\n",
        ] {
            assert_eq!(Report::parse(bytes), None);
        }
    }
}
