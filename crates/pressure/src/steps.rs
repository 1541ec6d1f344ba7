//! Contacts over time and which of them count.

use crate::Settings;

/// One contact of the foot.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// First frame of the contact.
    pub first: usize,
    /// Last frame of the contact.
    pub last: usize,
    /// Time of the first frame, s from the begin of the recording.
    pub start_s: f64,
    /// Time of the last frame, s.
    pub end_s: f64,
    /// Greatest force, N.
    pub peak_force_n: f64,
    /// Whether it counts.
    pub used: bool,
    /// Why it does not, or `"complete"`.
    pub reason: String,
}

impl Step {
    /// The frames of the contact.
    #[must_use]
    pub fn frames(&self) -> std::ops::RangeInclusive<usize> {
        self.first..=self.last
    }
}

/// A contact that begins or ends with the recording counts if the force there is under this share of
/// its peak: plates start recording with the first touch.
const TOUCH_SHARE: f64 = 0.2;

/// Steps whose peak force is under this share of the median are shuffles or turns.
const WEAK_SHARE: f64 = 0.6;

/// Finds the contacts of a recording with more than one frame.
pub(crate) fn find_steps(force_n: &[f64], rate_hz: f64, settings: &Settings) -> Vec<Step> {
    let begin = begin_force(force_n, settings);
    let release = begin * settings.release_share;
    let mut steps = Vec::new();
    let mut frame = 0;
    while frame < force_n.len() {
        if force_n[frame] < begin {
            frame += 1;
            continue;
        }
        let earliest = steps.last().map_or(0, |step: &Step| step.last + 1);
        let first = (earliest..frame)
            .rev()
            .take_while(|&index| force_n[index] >= release)
            .last()
            .unwrap_or(frame);
        let last = (frame..force_n.len())
            .take_while(|&index| force_n[index] >= release)
            .last()
            .unwrap_or(frame);
        steps.push(Step {
            first,
            last,
            start_s: first as f64 / rate_hz,
            end_s: last as f64 / rate_hz,
            peak_force_n: force_n[first..=last].iter().copied().fold(0.0, f64::max),
            used: true,
            reason: "complete".to_owned(),
        });
        frame = last + 1;
    }
    reject(&mut steps, force_n, rate_hz, settings);
    steps
}

/// The force at which a contact begins, N.
pub(crate) fn begin_force(force_n: &[f64], settings: &Settings) -> f64 {
    let mut sorted = force_n.to_vec();
    sorted.sort_by(f64::total_cmp);
    let usual_peak = sorted.get(sorted.len() * 95 / 100).copied().unwrap_or(0.0);
    settings.contact_force_n.max(settings.contact_force_share * usual_peak)
}

fn reject(steps: &mut [Step], force_n: &[f64], rate_hz: f64, settings: &Settings) {
    let [shortest, longest] = settings.step_s;
    let end = force_n.len() - 1;
    for step in steps.iter_mut() {
        let lasts_s = (step.last - step.first + 1) as f64 / rate_hz;
        let cut = |frame: usize| force_n[frame] > TOUCH_SHARE * step.peak_force_n;
        let why = if step.first == 0 && cut(0) {
            Some(format!("began before the recording ({:.0} N in its first frame)", force_n[0]))
        } else if step.last == end && cut(end) {
            Some(format!(
                "not finished at the end of the recording ({:.0} N in its last frame)",
                force_n[end]
            ))
        } else if lasts_s < shortest {
            Some(format!("lasts {lasts_s:.2} s, a step at least {shortest} s"))
        } else if lasts_s > longest {
            Some(format!("lasts {lasts_s:.2} s, a step at most {longest} s: standing"))
        } else {
            None
        };
        if let Some(reason) = why {
            (step.used, step.reason) = (false, reason);
        }
    }
    let mut peaks: Vec<f64> =
        steps.iter().filter(|step| step.used).map(|step| step.peak_force_n).collect();
    peaks.sort_by(f64::total_cmp);
    let Some(&median) = peaks.get(peaks.len() / 2) else { return };
    for step in steps.iter_mut().filter(|step| step.used) {
        if step.peak_force_n < WEAK_SHARE * median {
            step.used = false;
            step.reason = format!(
                "peaks at {:.0} N, under {:.0} % of the median of {median:.0} N",
                step.peak_force_n,
                100.0 * WEAK_SHARE
            );
        }
    }
}
