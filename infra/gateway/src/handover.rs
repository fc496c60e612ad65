//! A gateway takes over from another one, and no connection is lost in between.
//!
//! ```text
//! the one that serves              the one that is started
//!   waits at the path    ◀───────    comes, before it takes addresses of its own
//!   hands its sockets    ───────▶    prepares, until it is ready
//!   accepts no more      ◀───────    "mine"
//!   answers what it has,             accepts, and waits at the path
//!   and ends
//! ```
//!
//! Both then have the same sockets, with one queue each: a connection that nobody has accepted yet waits for whoever does. Two sockets
//! with one address (`SO_REUSEPORT`) have two queues, and what stands in that of the one that ends is reset.

use std::fs::{self, Permissions};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use telemetry::Readiness;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

/// What comes with the sockets.
const HERE: u8 = b'h';

/// What the new one says once it is ready.
const MINE: u8 = b'm';

/// How long the one that serves may take to hand over its sockets.
const ANSWER: Duration = Duration::from_secs(5);

/// How often a new one looks whether it is ready, and the one that serves whether the new one is still there.
const LOOK: Duration = Duration::from_millis(50);

/// The sockets of a gateway: for calls, and for health and metrics.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) calls: TcpListener,
    pub(crate) ops: TcpListener,
}

/// The gateway that serves, until it is told that another one does.
#[derive(Debug)]
pub(crate) struct Predecessor(UnixStream);

/// The sockets of the gateway that waits at this path; none where there is none.
///
/// # Errors
/// When there is one, and it hands over nothing.
pub(crate) fn come(path: &Path) -> io::Result<Option<(Sockets, Predecessor)>> {
    let stream = match UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(ANSWER))?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let (mut control, mut byte) = (RecvAncillaryBuffer::new(&mut space), [0]);
    recvmsg(&stream, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let sockets = control.drain().flat_map(|message| match message {
        RecvAncillaryMessage::ScmRights(sockets) => sockets.collect(),
        _ => Vec::new(),
    });
    let sockets: Vec<OwnedFd> = sockets.collect();
    match <[OwnedFd; 2]>::try_from(sockets) {
        Ok([calls, ops]) if byte == [HERE] => {
            let sockets = Sockets { calls: calls.into(), ops: ops.into() };
            Ok(Some((sockets, Predecessor(stream))))
        }
        _ => Err(io::Error::other("whoever waits there hands over no sockets")),
    }
}

impl Predecessor {
    /// Waits until this process is ready, and tells the other one then. When that has ended meanwhile, so much the better.
    pub(crate) async fn replace(mut self, readiness: &Readiness) {
        while !readiness.is_ready() {
            tokio::time::sleep(LOOK).await;
        }
        if let Err(error) = self.0.write_all(&[MINE]) {
            tracing::warn!(%error, "the gateway that served has ended by itself");
        }
    }
}

/// Where a successor comes to. Dropping it lets nobody come any more.
#[derive(Debug)]
pub(crate) struct Waiting {
    listener: UnixListener,
    sockets: [OwnedFd; 2],
    /// Where it waits until it takes its place at the path.
    beside: PathBuf,
    path: PathBuf,
}

impl Waiting {
    /// Beside this path, where nobody looks yet: whatever can fail does so while the other one still serves.
    pub(crate) fn beside(path: &Path, calls: impl AsFd, ops: impl AsFd) -> io::Result<Self> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let _ = fs::remove_file(&beside);
        let listener = UnixListener::bind(&beside)?;
        // Whoever comes is given the sockets.
        fs::set_permissions(&beside, Permissions::from_mode(0o600))?;
        let sockets = [calls.as_fd().try_clone_to_owned()?, ops.as_fd().try_clone_to_owned()?];
        Ok(Self { listener, sockets, beside, path: path.to_owned() })
    }

    /// In the place of whoever waited at the path, which never leads nowhere.
    pub(crate) fn take_place(&self) -> io::Result<()> {
        fs::rename(&self.beside, &self.path)
    }

    /// Waits until a successor serves in this one's place.
    pub(crate) async fn successor(self) {
        loop {
            let came = async { self.listener.accept().await?.0.into_std() };
            let handed = match came.await {
                Ok(stream) => self.hand(stream).await,
                Err(error) => Err(error),
            };
            match handed {
                Ok(true) => return,
                Ok(false) => tracing::warn!("a gateway that was to take over has ended before it was ready"),
                Err(error) => {
                    tracing::warn!(%error, "a gateway that was to take over can't");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Whether it took over, in the end.
    async fn hand(&self, stream: UnixStream) -> io::Result<bool> {
        let sockets = [self.sockets[0].as_fd(), self.sockets[1].as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&sockets));
        sendmsg(&stream, &[IoSlice::new(&[HERE])], &mut control, SendFlags::NOSIGNAL)?;
        let mut word = [0];
        loop {
            match (&stream).read(&mut word) {
                Ok(read) => return Ok(read == 1 && word == [MINE]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(LOOK).await,
                Err(error) => return Err(error),
            }
        }
    }
}

/// Waits at the path, if there is one, until another gateway takes over or `stop`; whether one did.
pub(crate) async fn given_up(waiting: Option<Waiting>, stop: &CancellationToken) -> bool {
    let Some(waiting) = waiting else {
        stop.cancelled().await;
        return false;
    };
    tokio::select! {
        () = waiting.successor() => true,
        () = stop.cancelled() => false,
    }
}
