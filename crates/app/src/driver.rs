//! The register in production: a thread of its own, real time, a real wire, tokio around it.

use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use guitai_connectors::{Wire, WireError};
use guitai_domain::Timestamp;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::register::{Effect, LOOK_MS, Now, Register};

/// The register is woken at least this often.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

type Job = Box<dyn FnOnce(&mut Register, Now) + Send>;

/// The register's thread has ended; nothing more can be recorded until the program starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the register has stopped; start the program again")]
pub struct Stopped;

/// Hands inputs to the register, from any thread. With the last handle the register ends and its file is closed.
#[derive(Clone)]
pub struct Handle {
    thread: Arc<RegisterThread>,
    wire: SharedWire,
    clock: Clock,
}

/// The register's thread and the way in.
struct RegisterThread {
    jobs: Option<mpsc::Sender<Job>>,
    joined: Mutex<Option<JoinHandle<()>>>,
}

impl RegisterThread {
    fn send(&self, job: Job) -> Result<(), Stopped> {
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or(Stopped)
    }
}

impl Drop for RegisterThread {
    fn drop(&mut self) {
        self.jobs = None;
        let thread = self.joined.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Whoever lets go last waits until the file is closed; the register's own thread cannot wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            let _ = thread.join();
        }
    }
}

/// A [`Handle`] that does not keep the register going.
#[derive(Clone)]
pub(crate) struct WeakHandle {
    thread: Weak<RegisterThread>,
    clock: Clock,
}

impl WeakHandle {
    /// Runs `job` on the register, if it still runs.
    pub fn tell(&self, job: impl FnOnce(&mut Register, Now) + Send + 'static) {
        if let Some(thread) = self.thread.upgrade() {
            let _ = thread.send(Box::new(job));
        }
    }

    /// The till's steady clock.
    pub fn steady_ms(&self) -> i64 {
        self.clock.now().steady_ms
    }

    /// Runs `job` on the register and waits for what it returns; not on an async worker.
    pub fn ask_here<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, wait) = mpsc::sync_channel(1);
        self.tell(move |register, now| {
            let _ = answer.send(job(register, now));
        });
        wait.recv().ok()
    }
}

type SharedWire = Arc<Mutex<Option<Arc<dyn Wire>>>>;

/// Both clocks. The only place in the product, beside the sandbox, that asks the time.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: Duration,
}

/// A clock that only runs forward, and goes on while the computer sleeps.
#[cfg(target_os = "linux")]
fn steady() -> Duration {
    // The standard library's own clock stands still in sleep on Linux; on Windows it does not.
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the driver is where time enters")]
fn steady() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the driver is where time enters; everything behind it is told"
)]
impl Clock {
    fn start() -> Clock {
        Clock { start: steady() }
    }

    fn now(self) -> Now {
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        let steady = i64::try_from(steady().saturating_sub(self.start).as_millis()).unwrap_or(i64::MAX);
        Now { wall: Timestamp(wall), steady_ms: steady }
    }
}

/// What the computer's clock says, for upkeep without a register.
#[must_use]
pub fn wall_clock() -> Timestamp {
    Clock::start().now().wall
}

/// Starts the register on its own thread.
///
/// `open` makes the register, so that it is told the same clock it will run on. `wire` carries its calls, on `runtime`.
/// `changed` is called on the register's thread whenever something on the screens has changed.
///
/// # Errors
/// Whatever `open` returns.
pub fn start<E: Send + 'static>(
    open: impl FnOnce(Now) -> Result<Register, E> + Send + 'static,
    wire: Option<Arc<dyn Wire>>,
    runtime: tokio::runtime::Handle,
    changed: impl Fn(&Register, Now) + Send + 'static,
) -> Result<Handle, E> {
    let (jobs, inbox) = mpsc::channel::<Job>();
    let wire: SharedWire = Arc::new(Mutex::new(wire));
    let thread = Arc::new(RegisterThread { jobs: Some(jobs), joined: Mutex::new(None) });
    let post = Post { thread: Arc::downgrade(&thread), wire: wire.clone(), runtime };
    let (opened, was_opened) = mpsc::sync_channel(1);
    let clock = Clock::start();
    let running = thread::Builder::new()
        .name("register".to_owned())
        .spawn(move || match open(clock.now()) {
            Ok(register) => {
                let _ = opened.send(Ok(()));
                run(register, &inbox, &post, clock, changed);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        })
        .expect("a thread for the register");
    *thread.joined.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
    was_opened.recv().expect("the register says how its opening went")?;
    Ok(Handle { thread, wire, clock })
}

fn run(
    mut register: Register,
    inbox: &mpsc::Receiver<Job>,
    post: &Post,
    clock: Clock,
    changed: impl Fn(&Register, Now),
) {
    loop {
        let now = clock.now();
        let mut show = false;
        for effect in register.take_effects() {
            match effect {
                // The computer may have slept between the two; the customer's code does not wait.
                Effect::Call { call, not_after: Some(last), .. } if clock.now().steady_ms > last => {
                    register.answered(call, Err(WireError::NotConnected), clock.now());
                }
                Effect::Call { call, request, .. } => post.send(call, request),
                Effect::Look => post.look(),
                Effect::Show => show = true,
            }
        }
        if show {
            changed(&register, now);
        }
        if !register.has_effects() {
            // Now and then in any case: the clock may have jumped, or the computer slept.
            let patience = register.wake_at().map_or(LONGEST_WAIT, |at| {
                Duration::from_millis(u64::try_from(at - clock.now().steady_ms).unwrap_or(0))
                    .min(LONGEST_WAIT)
            });
            match inbox.recv_timeout(patience) {
                Ok(job) => job(&mut register, clock.now()),
                Err(mpsc::RecvTimeoutError::Timeout) => register.wake(clock.now()),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// What sends the register's calls and brings their ends back.
struct Post {
    thread: Weak<RegisterThread>,
    wire: SharedWire,
    runtime: tokio::runtime::Handle,
}

impl Post {
    fn send(&self, call: crate::register::CallId, request: guitai_connectors::HttpRequest) {
        let thread = self.thread.clone();
        let wire = lock(&self.wire).clone();
        self.runtime.spawn(async move {
            let result = match wire {
                Some(wire) => wire.exchange(request).await,
                None => Err(WireError::NotConnected),
            };
            // Where the register is gone meanwhile, the journal knows of the open call.
            if let Some(thread) = thread.upgrade() {
                let _ = thread.send(Box::new(move |register, now| register.answered(call, result, now)));
            }
        });
    }
}

impl Post {
    /// Sees whether the provider can be reached, and tells the register.
    fn look(&self) {
        let thread = self.thread.clone();
        let wire = lock(&self.wire).clone();
        self.runtime.spawn(async move {
            let limit = Duration::from_millis(LOOK_MS);
            let reached = match wire {
                Some(wire) => tokio::time::timeout(limit, wire.reach()).await.unwrap_or(false),
                None => false,
            };
            if let Some(thread) = thread.upgrade() {
                let _ = thread.send(Box::new(move |register, now| register.looked(reached, now)));
            }
        });
    }
}

impl Handle {
    /// Runs `job` on the register and waits for what it returns.
    ///
    /// # Errors
    /// When the register's thread has ended.
    pub async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Register, Now) -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |register, now| {
            let _ = answer.send(job(register, now));
        });
        self.thread.send(job)?;
        wait.await.map_err(|_| Stopped)
    }

    /// A handle that does not keep the register going.
    pub(crate) fn downgrade(&self) -> WeakHandle {
        WeakHandle { thread: Arc::downgrade(&self.thread), clock: self.clock }
    }

    /// The till's steady clock: what a scan is stamped with when it is read.
    #[must_use]
    pub fn steady_ms(&self) -> i64 {
        self.clock.now().steady_ms
    }

    /// The wire calls go through.
    #[must_use]
    pub fn wire(&self) -> Option<Arc<dyn Wire>> {
        lock(&self.wire).clone()
    }

    /// Sends the calls from here on through another wire.
    pub fn set_wire(&self, wire: Option<Arc<dyn Wire>>) {
        *lock(&self.wire) = wire;
    }
}

fn lock(wire: &SharedWire) -> std::sync::MutexGuard<'_, Option<Arc<dyn Wire>>> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}
