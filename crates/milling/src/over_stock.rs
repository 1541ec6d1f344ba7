//! A roughing path as it grows, between whose pieces the tool goes over the material as it stands.
//!
//! What stands is simulated: the tool comes down to half a millimeter over it before it is fed into it, and goes straight
//! from piece to piece over the highest that is in its way, where that takes less time than lifting it.

use crate::linking::LIFT_STOPS;
use crate::path::{FeedClass, Tip, ToolPath};
use crate::roughing::{LEAST_DEPTH_MM, cut_along, ramp, ramp_before_step};
use crate::stock::Stock;
use crate::{Cutter, MillOrder};

/// Height over the stock at which the tool goes from one piece to the next, mm: more than the stock's grid hides.
const HOP_OVER_MM: f64 = 1.0;
/// Height over the stock from which it goes down at the plunge feed, mm.
const ENTRY_MM: f64 = 0.5;
/// Written moves are this near to planned ones, mm: arcs are within 0.002 mm, and digits end at a thousandth.
const ROUNDING_MM: f64 = 0.003;
/// From no higher than this it goes straight down, if it has edges in its middle, mm.
const DEEPEST_PLUNGE_MM: f64 = 1.5;
/// Distance of the places of such a way that are looked at, mm.
const LOOK_MM: f64 = 0.5;

/// The path and the stock under it.
pub(crate) struct OverStock<'a> {
    order: &'a MillOrder,
    cutter: Cutter,
    /// What of it surely cuts, whatever the digits of the written program are.
    sure: Cutter,
    stock: Stock,
    path: ToolPath,
    /// Where the tool is, once it has cut something.
    at: Option<Tip>,
    /// Steps of the path that have been taken off the stock, and where the tool was after them.
    taken: (usize, Option<Tip>),
}

impl<'a> OverStock<'a> {
    pub(crate) fn new(order: &'a MillOrder, stock: Stock) -> Self {
        let cutter = Cutter::of(&order.tool);
        let sure = cutter.grown(-ROUNDING_MM);
        Self { order, cutter, sure, stock, path: ToolPath::default(), at: None, taken: (0, None) }
    }

    pub(crate) const fn cutter(&self) -> &Cutter {
        &self.cutter
    }

    /// Where the tool is, once it has cut something.
    pub(crate) const fn at(&self) -> Option<Tip> {
        self.at
    }

    /// Lowest height at which the tip over a place touches nothing of the stock, mm.
    pub(crate) fn clear_tip(&self, place: [f64; 2]) -> f64 {
        self.stock.clear_tip(place, &self.cutter)
    }

    /// Cuts along tips, to the first of which the tool has come: whether it came to the last.
    pub(crate) fn along(&mut self, tips: &[Tip]) -> bool {
        let is_there = cut_along(tips, self.cutter.can_plunge(), &mut self.path);
        self.at = self.path.last_tip().or(self.at);
        is_there
    }

    /// Takes what the path has swept since the last time off the stock.
    pub(crate) fn take_off(&mut self) {
        let (begun, from) = self.taken;
        let new = ToolPath { steps: self.path.steps[begun..].to_vec() };
        let safe = self.order.machine.safe_height_mm;
        self.stock.cut(&new.chords_from(from, safe), &self.sure, f64::INFINITY);
        self.taken = (self.path.steps.len(), self.at);
    }

    /// Over the stock, or through the air where that is sooner, and down to the start of a piece.
    pub(crate) fn come_down(&mut self, tips: &[Tip]) {
        let start = tips[0];
        let height = self.come_over(start);
        // Pieces begin where there is next to nothing to take.
        if !self.cutter.can_plunge() {
            self.path.feed_along(&ramp_before_step(tips, height), FeedClass::Plunge);
        } else if height - start[2] <= DEEPEST_PLUNGE_MM {
            self.path.feed(start, FeedClass::Plunge);
        } else {
            self.path.feed_along(&ramp(tips, height), FeedClass::Plunge);
        }
    }

    /// The same to a place where the tool has been: there it goes straight down if it has edges in its middle, since no more
    /// than slivers stand in its way.
    pub(crate) fn come_back(&mut self, tips: &[Tip]) {
        let height = self.come_over(tips[0]);
        if self.cutter.can_plunge() {
            self.path.feed(tips[0], FeedClass::Plunge);
        } else {
            self.path.feed_along(&ramp_before_step(tips, height), FeedClass::Plunge);
        }
    }

    /// The same to the start of a way down, which is asked for the height at which it begins.
    pub(crate) fn wind_down(&mut self, start: Tip, way: impl FnOnce(f64) -> Vec<Tip>) {
        let height = self.come_over(start);
        self.path.feed_along(&way(height), FeedClass::Plunge);
        self.path.feed(start, FeedClass::Plunge);
    }

    /// To a place closely over the stock: at which height.
    fn come_over(&mut self, start: Tip) -> f64 {
        let place = [start[0], start[1]];
        let height = self.clear_tip(place).max(start[2]) + ENTRY_MM;
        match self.at.and_then(|from| Some((from, self.over([from, start])?))) {
            Some((from, over)) => {
                self.path.feed([from[0], from[1], over], FeedClass::Air);
                self.path.feed([start[0], start[1], over], FeedClass::Air);
                let height = height.min(over);
                self.path.feed([start[0], start[1], height], FeedClass::Air);
                height
            }
            None => {
                self.path.approach(place, height);
                height
            }
        }
    }

    /// Height at which the tool goes straight from one place to another over the stock; `None` where lifting it is sooner.
    fn over(&self, [from, to]: [Tip; 2]) -> Option<f64> {
        let machine = &self.order.machine;
        let length = (to[0] - from[0]).hypot(to[1] - from[1]);
        let steps = (length / LOOK_MM).ceil().max(1.0) as usize;
        let clear = (0..=steps).map(|step| {
            let at =
                |axis: usize| from[axis] + (to[axis] - from[axis]) * step as f64 / steps as f64;
            self.clear_tip([at(0), at(1)])
        });
        let over = clear.fold(from[2].max(to[2]), f64::max) + HOP_OVER_MM;
        // Over the blank a feed move is no better than a rapid one.
        if over > -LEAST_DEPTH_MM {
            return None;
        }
        let rises = |height: f64| 2.0 * height - from[2] - to[2] + length;
        let rapid = machine.rapid_mm_per_min / 60.0;
        let stops = LIFT_STOPS * rapid / machine.acceleration_mm_per_s2;
        let lifted = rises(machine.safe_height_mm) / rapid + stops;
        (rises(over) / (machine.max_feed_mm_per_min / 60.0) < lifted).then_some(over)
    }

    /// The path, and what it has left.
    pub(crate) fn into_parts(mut self) -> (ToolPath, Stock) {
        self.take_off();
        (self.path, self.stock)
    }
}
