//! Connections: how many there may be, how slow, how long, and how they end.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::answer::Answer;

/// A caller that has sent no whole request in such a time is dropped, however it spends it: silent, slow in sending, or
/// slow in reading answers, which keeps the next request from being read. One look in ten seconds costs a fast caller
/// nothing, where a timer for each request would cost it a tenth of its speed.
const PATIENCE: Duration = Duration::from_secs(10);
/// A caller that has never sent a whole request yet: programs send theirs as soon as they are connected.
const FIRST: Duration = Duration::from_secs(1);
/// No connection is looked at more often than this: it lasts five minutes.
const LOOKS: u32 = 30;
/// What is being answered when the endpoint stops may take so long.
const FAREWELL: Duration = Duration::from_secs(1);
/// The least that the HTTP library takes; ours are a few hundred bytes.
const BUFFER: usize = 8192;
const HEADERS: usize = 50;

/// Where callers come from.
pub(crate) trait Listen: Sync {
    /// A caller.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next caller.
    fn next(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.accept().await?;
        // Answers are small and whole: waiting to send them together with others only delays them.
        stream.set_nodelay(true).unwrap_or_default();
        Ok(stream)
    }
}

/// Who answers them.
pub(crate) trait Respond: Send + Sync + 'static {
    /// The answer to one request.
    ///
    /// Whoever shows that it may be here is to be admitted, before it waits for anything.
    fn respond(&self, request: &Request<Incoming>, guest: &Guest) -> impl Future<Output = Answer> + Send;
}

/// Those who have not shown that they may be here, in the order in which they came. Where there is no room they go, so that
/// nobody who merely connects keeps others out.
#[derive(Clone, Default)]
struct Strangers(Arc<Mutex<BTreeMap<u64, AbortHandle>>>);

impl Strangers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops the one that came first, if there is one.
    fn drop_oldest(&self) -> bool {
        let oldest = self.lock().pop_first();
        oldest.map(|(_, connection)| connection.abort()).is_some()
    }
}

/// One of the callers.
pub(crate) struct Guest {
    number: u64,
    strangers: Strangers,
}

impl Guest {
    /// From now on it stays, however many others come.
    pub(crate) fn admit(&self) {
        self.strangers.lock().remove(&self.number);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.admit();
    }
}

/// Answers until `until` is done; then no further request of any connection, and drops those that take long.
pub(crate) async fn serve(
    listener: &impl Listen,
    room: &Arc<Semaphore>,
    respond: &Arc<impl Respond>,
    until: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::select! {
        () = until => {}
        () = accept(listener, room, respond, &mut connections, &stopping) => {}
    }
    drop(stop);
    let farewell = async { while connections.join_next().await.is_some() {} };
    if timeout(FAREWELL, farewell).await.is_err() {
        tracing::debug!("some connections are ended before their time");
    }
    connections.shutdown().await;
}

async fn accept(
    listener: &impl Listen,
    room: &Arc<Semaphore>,
    respond: &Arc<impl Respond>,
    connections: &mut JoinSet<()>,
    stopping: &watch::Receiver<()>,
) {
    let strangers = Strangers::default();
    for number in 0_u64.. {
        match listener.next().await {
            Ok(stream) => {
                if room.available_permits() == 0 {
                    strangers.drop_oldest();
                }
                // The semaphore is never closed.
                let Ok(permit) = Arc::clone(room).acquire_owned().await else { return };
                let guest = Guest { number, strangers: strangers.clone() };
                let carry = carry(stream, Arc::clone(respond), guest, stopping.clone());
                // Entered before it can leave.
                let mut entered = strangers.lock();
                let connection = connections.spawn(async move {
                    carry.await;
                    drop(permit);
                });
                entered.insert(number, connection);
            }
            Err(error) => {
                // Out of file handles, most likely: some will be free in a moment.
                tracing::warn!(%error, "a connection could not be accepted");
                strangers.drop_oldest();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// One connection, to its end.
async fn carry(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    respond: Arc<impl Respond>,
    guest: Guest,
    mut stopping: watch::Receiver<()>,
) {
    let asked = AtomicU64::new(0);
    let service = service_fn(|request| {
        asked.fetch_add(1, Ordering::Relaxed);
        let (respond, guest) = (&respond, &guest);
        async move { Ok::<_, Infallible>(respond.respond(&request, guest).await) }
    });
    let mut server = http1::Builder::new();
    server
        .max_buf_size(BUFFER)
        .max_headers(HEADERS)
        // Answers are sent from where they are: no copies of credentials are left in buffers.
        .writev(true);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        _ = stopping.changed() => None,
        is_old = until_idle_or_old(&asked) => {
            if !is_old {
                return;
            }
            None
        }
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            let Ok(ended) = timeout(PATIENCE, connection).await else { return };
            ended
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Waits until no request has come for long, or the connection is old: which of the two it is.
async fn until_idle_or_old(asked: &AtomicU64) -> bool {
    tokio::time::sleep(FIRST).await;
    let mut before = asked.load(Ordering::Relaxed);
    if before == 0 {
        return false;
    }
    for _ in 0..LOOKS {
        tokio::time::sleep(PATIENCE).await;
        let now = asked.load(Ordering::Relaxed);
        if now == before {
            return false;
        }
        before = now;
    }
    true
}
