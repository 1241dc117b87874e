//! Requests sent as fast as they are answered, over kept connections.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::Server;

/// What came of a measurement.
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    /// CPU time of the server's process.
    pub(crate) cpu_micros: f64,
}

const CONNECTIONS: usize = 8;

/// Sends `requests` over and over for `time`, after a short warm-up. Every answer must be a 200.
pub(crate) fn measure(
    server: &Server,
    requests: &[Vec<u8>],
    time: Duration,
) -> Result<Figures, Box<dyn Error>> {
    rush(server.address, requests, time / 8)?;
    let cpu = server.cpu();
    let (count, elapsed) = rush(server.address, requests, time)?;
    let used = server.cpu().saturating_sub(cpu);
    Ok(Figures { per_second: count / elapsed.as_secs_f64(), cpu_micros: used.as_secs_f64() * 1e6 / count })
}

/// One request, its answer's body.
pub(crate) fn once(address: SocketAddr, request: &[u8]) -> Result<String, Box<dyn Error>> {
    let mut connection = Connection::open(address)?;
    let body = connection.exchange(request)?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn rush(
    address: SocketAddr,
    requests: &[Vec<u8>],
    time: Duration,
) -> Result<(f64, Duration), Box<dyn Error>> {
    let start = Instant::now();
    let counts: Vec<Result<u32, String>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|offset| {
                scope.spawn(move || -> Result<u32, String> {
                    let mut connection = Connection::open(address).map_err(|error| error.to_string())?;
                    let mut count = 0;
                    for request in requests.iter().cycle().skip(offset * 7) {
                        connection.exchange(request).map_err(|error| error.to_string())?;
                        count += 1;
                        if start.elapsed() >= time {
                            break;
                        }
                    }
                    Ok(count)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread ended".to_owned())))
            .collect()
    });
    let elapsed = start.elapsed();
    let mut total = 0;
    for count in counts {
        total += count?;
    }
    Ok((f64::from(total), elapsed))
}

/// One kept HTTP/1.1 connection.
struct Connection {
    address: SocketAddr,
    reader: BufReader<TcpStream>,
    /// The server has closed it: the next request needs another.
    closed: bool,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        Ok(Self { address, reader: connect(address)?, closed: false })
    }

    fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
        if self.closed {
            self.reader = connect(self.address)?;
            self.closed = false;
        }
        self.reader.get_mut().write_all(request)?;
        let mut status = String::new();
        self.reader.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            self.closed |= name.eq_ignore_ascii_case("connection") && value.trim() == "close";
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        if status.contains(" 200 ") {
            Ok(body)
        } else {
            Err(String::from_utf8_lossy(&body).into_owned().into())
        }
    }
}

fn connect(address: SocketAddr) -> std::io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}
