use vocabulary::Side;

use crate::scanned::Steps;

/// The steps of one side, in order; what a progress bar counts and what `run.json` times.
pub const STEPS: &[&str] = &[
    "scan", "foot", "quality", "measure", "gait", "balance", "optimize", "shell", "strength",
    "mesh", "inspect", "solid", "predict", "mill", "print",
];

/// Who watches the work: a progress bar, a web page, a test. Also the clock, since no step reads one.
pub trait Observer: Sync {
    /// A step of one side begins.
    fn started(&self, side: Side, step: &'static str);
    /// A step of one side has ended.
    fn finished(&self, side: Side, step: &'static str);
    /// Seconds on a clock that only goes forward.
    fn seconds(&self) -> f64;
}

/// Watches nothing; its clock stands still.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn started(&self, _side: Side, _step: &'static str) {}
    fn finished(&self, _side: Side, _step: &'static str) {}
    fn seconds(&self) -> f64 {
        0.0
    }
}

/// Times the steps of one side.
pub(crate) struct Stopwatch<'a> {
    observer: &'a dyn Observer,
    side: Side,
    times: Vec<(&'static str, f64)>,
}

impl<'a> Stopwatch<'a> {
    pub(crate) fn new(observer: &'a dyn Observer, side: Side) -> Self {
        Self { observer, side, times: Vec::with_capacity(STEPS.len()) }
    }

    /// The side whose steps are timed.
    pub(crate) const fn side(&self) -> Side {
        self.side
    }

    /// Seconds of each step so far.
    pub(crate) fn times(self) -> Vec<(&'static str, f64)> {
        self.times
    }
}

impl Steps for Stopwatch<'_> {
    /// Runs one step, telling the observer.
    fn step<T>(&mut self, step: &'static str, work: impl FnOnce() -> T) -> T {
        self.observer.started(self.side, step);
        let start = self.observer.seconds();
        let result = work();
        self.times.push((step, self.observer.seconds() - start));
        self.observer.finished(self.side, step);
        result
    }
}
