//! How much and how long.

use std::time::Duration;

use hilum_volume::Limits;

/// Bounds of the HTTPS side. The defaults fit a department's archive on a machine of 8 GiB.
#[derive(Debug, Clone, Copy)]
pub struct ApiLimits {
    /// Bytes of one upload, all parts and their headers together: 4 GiB.
    pub upload_bytes: u64,
    /// Bounds of one instance, its size (512 MiB) among them.
    pub instance: Limits,
    /// Parts of one upload: 100 000.
    pub upload_parts: usize,
    /// An upload that sends nothing for so long is given up: 30 s.
    pub body_idle: Duration,
    /// An upload that is not done after so long is given up, however steadily it trickles: 1 h.
    pub upload_time: Duration,
    /// Uploads at once; more wait for [`ApiLimits::upload_wait`] and are then told to come back: 8.
    pub concurrent_uploads: usize,
    /// How long an upload waits for its turn: 10 s.
    pub upload_wait: Duration,
    /// Pictures drawn at once: 4.
    pub concurrent_renders: usize,
    /// A connection must bring a request's header within: 15 s.
    pub header_time: Duration,
    /// How long a stop waits for running requests: 20 s.
    pub shutdown_grace: Duration,
}

impl Default for ApiLimits {
    fn default() -> Self {
        Self {
            upload_bytes: 4 << 30,
            instance: Limits::default(),
            upload_parts: 100_000,
            body_idle: Duration::from_secs(30),
            upload_time: Duration::from_hours(1),
            concurrent_uploads: 8,
            upload_wait: Duration::from_secs(10),
            concurrent_renders: 4,
            header_time: Duration::from_secs(15),
            shutdown_grace: Duration::from_secs(20),
        }
    }
}
