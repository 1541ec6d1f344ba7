//! A progress bar on a terminal, nothing in a pipe.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use pipeline::Observer;
use vocabulary::Side;

/// Shows the steps of a case as they begin and end, and is the pipeline's clock.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    /// A bar over `steps` steps; hidden if standard error is no terminal or `quiet` is set.
    pub(crate) fn new(steps: usize, quiet: bool) -> Self {
        let hidden = quiet || !std::io::stderr().is_terminal();
        let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(steps as u64) };
        if let Ok(style) = ProgressStyle::with_template("[{elapsed}] {bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        Self { bar, started: Instant::now() }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn started(&self, side: Side, step: &'static str) {
        self.bar.set_message(format!("{side}: {step}"));
    }

    fn finished(&self, _side: Side, _step: &'static str) {
        self.bar.inc(1);
    }

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

/// A bar over steps that belong to no side of a foot.
#[derive(Debug)]
pub(crate) struct Steps {
    bar: Progress,
}

impl Steps {
    /// A bar over `steps` steps; hidden if standard error is no terminal or `quiet` is set.
    pub(crate) fn new(steps: usize, quiet: bool) -> Self {
        Self { bar: Progress::new(steps, quiet) }
    }

    /// One more step is done.
    pub(crate) fn step(&self, name: &'static str) {
        self.bar.bar.set_message(name);
        self.bar.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}
