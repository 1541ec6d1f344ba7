//! The nodes' springs: pressure and its slope for a row of nodes at once.
//!
//! Every property of the nodes is a column of its own, so that the compiler turns the loop over a row into
//! vector instructions. Evaluations run in single precision, four nodes to an instruction on any machine; the
//! baseline, to which changes are compared, in double.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// Partial sums that are kept apart, so that additions need not wait for each other.
const LANES: usize = 4;

/// A floating-point number.
pub(crate) trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
{
    fn of(value: f64) -> Self;
    fn wide(self) -> f64;
    fn root(self) -> Self;
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn wide(self) -> f64 {
        self
    }
    fn root(self) -> Self {
        self.sqrt()
    }
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as Self
    }
    fn wide(self) -> f64 {
        f64::from(self)
    }
    fn root(self) -> Self {
        self.sqrt()
    }
}

/// One node's properties.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Closure at pose zero, mm.
    pub(crate) gap: f64,
    /// Arch basis, which turns lowering into closure.
    pub(crate) arch: f64,
    pub(crate) y: f64,
    /// Tissue: kPa/mm and kPa/mm².
    pub(crate) tissue: [f64; 2],
    /// Stiffness of the layers behind the tissue, kPa/mm.
    pub(crate) layers: f64,
    /// Height of the posts as far as it reaches the foot, mm.
    pub(crate) post: f64,
}

/// The nodes' properties, one column each, in the foot's order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns<T> {
    gap: Vec<T>,
    arch: Vec<T>,
    y: Vec<T>,
    /// k1 and 2·k2 of the tissue.
    linear: Vec<T>,
    hardening: Vec<T>,
    /// K: stiffness of the layers behind the tissue, kPa/mm.
    layers: Vec<T>,
    post: Vec<T>,
}

/// Pressures and their slopes at the last pose; reused from instant to instant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pressure<T> {
    /// kPa per node.
    pub(crate) kpa: Vec<T>,
    /// dp/dg per node, kPa/mm.
    slope: Vec<T>,
}

/// How a row's nodes close: by the arch's lowering, less an offset and a slope across.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Motion {
    pub(crate) lowering: f64,
    pub(crate) offset: f64,
    pub(crate) slope: f64,
}

impl<T: Real> Pressure<T> {
    /// Makes room for so many nodes.
    pub(crate) fn resize(&mut self, nodes: usize) {
        self.kpa.resize(nodes, T::default());
        self.slope.resize(nodes, T::default());
    }

    /// Lets go of a row's nodes.
    pub(crate) fn release(&mut self, from: usize, to: usize) {
        self.kpa[from..to].fill(T::default());
        self.slope[from..to].fill(T::default());
    }
}

impl<T: Real> Columns<T> {
    pub(crate) fn len(&self) -> usize {
        self.gap.len()
    }

    pub(crate) fn push(&mut self, node: &Node) {
        let [linear, hardening] = node.tissue;
        for (column, value) in [
            (&mut self.gap, node.gap),
            (&mut self.arch, node.arch),
            (&mut self.y, node.y),
            (&mut self.linear, linear),
            (&mut self.hardening, 2.0 * hardening),
            (&mut self.layers, node.layers),
            (&mut self.post, node.post),
        ] {
            column.push(T::of(value));
        }
    }

    /// Presses a row of nodes, and returns its sums of p, p·y, k, k·y, k·y².
    pub(crate) fn press(
        &self,
        (from, to): (usize, usize),
        motion: Motion,
        pressure: &mut Pressure<T>,
    ) -> [f64; 5] {
        let (kpa, slope) = (&mut pressure.kpa[from..to], &mut pressure.slope[from..to]);
        self.press_nodes((from, to), motion, kpa, slope);
        row_sums(&self.y[from..to], kpa, slope)
    }

    /// Sums of k·post and k·post·y over a row: what growing posts press more.
    pub(crate) fn post_sums(&self, (from, to): (usize, usize), pressure: &Pressure<T>) -> [f64; 2] {
        let mut sums = [T::default(); 2];
        let nodes = self.post[from..to].iter().zip(&self.y[from..to]);
        for ((post, y), slope) in nodes.zip(&pressure.slope[from..to]) {
            let pressed = *post * *slope;
            sums[0] += pressed;
            sums[1] += pressed * *y;
        }
        sums.map(T::wide)
    }

    /// Pressures of a row of nodes and their slopes k = dp/dg.
    ///
    /// Tissue p = k1·d + k2·d² in series with layers p = K·(g - d): r = √((k1+K)² + 4·k2·K·g),
    /// d = 2·K·g/(r + k1 + K), dp/dg = K·(k1 + 2·k2·d)/r; written without differences of large numbers.
    fn press_nodes(
        &self,
        (from, to): (usize, usize),
        motion: Motion,
        kpa: &mut [T],
        slopes: &mut [T],
    ) {
        let [lowering, offset, slope] = [motion.lowering, motion.offset, motion.slope].map(T::of);
        let (zero, half, one) = (T::default(), T::of(0.5), T::of(1.0));
        let count = kpa.len();
        let slopes = &mut slopes[..count];
        let [gap, arch, y] = [&self.gap, &self.arch, &self.y].map(|c| &c[from..to][..count]);
        let [linear, hardening, layers] =
            [&self.linear, &self.hardening, &self.layers].map(|c| &c[from..to][..count]);
        for i in 0..count {
            let closure = gap[i] + lowering * arch[i] - offset - slope * y[i];
            let g = if closure > zero { closure } else { zero };
            let both = linear[i] + layers[i];
            let pressed = (layers[i] + layers[i]) * g;
            let r = (both * both + hardening[i] * pressed).root();
            let s = r + both;
            // One division for both quotients.
            let inverse = one / (r * s);
            let d = pressed * r * inverse;
            let stiffening = hardening[i] * d;
            let k = layers[i] * (linear[i] + stiffening) * s * inverse;
            kpa[i] = d * (linear[i] + half * stiffening);
            slopes[i] = if closure > zero { k } else { zero };
        }
    }
}

/// Sums over a row of p, p·y, k, k·y, k·y².
fn row_sums<T: Real>(y: &[T], kpa: &[T], stiffness: &[T]) -> [f64; 5] {
    let mut sums = [[T::default(); LANES]; 5];
    let mut add = |lane: usize, y: T, p: T, k: T| {
        let ky = k * y;
        let terms = [p, p * y, k, ky, ky * y];
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[lane] += term;
        }
    };
    let (mut ys, mut ps, mut ks) =
        (y.chunks_exact(LANES), kpa.chunks_exact(LANES), stiffness.chunks_exact(LANES));
    for ((y, p), k) in (&mut ys).zip(&mut ps).zip(&mut ks) {
        for lane in 0..LANES {
            add(lane, y[lane], p[lane], k[lane]);
        }
    }
    let rest = ys.remainder().iter().zip(ps.remainder()).zip(ks.remainder());
    for (lane, ((y, p), k)) in rest.enumerate() {
        add(lane, *y, *p, *k);
    }
    sums.map(|lanes| ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])).wide())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns<T: Real>(tissue: [f64; 2], layers: f64, closures: &[f64]) -> Columns<T> {
        let mut columns = Columns::default();
        for (index, gap) in closures.iter().enumerate() {
            let y = index as f64 - 2.0;
            columns.push(&Node { gap: *gap, arch: 0.0, y, tissue, layers, post: 1.0 });
        }
        columns
    }

    /// The law of the two springs in series, node by node, against its definition; also on a floor that yields
    /// nothing, where single precision must not lose the tissue's depth.
    #[test]
    fn pressure_obeys_both_springs() {
        let closures = [-1.0, 0.5, 3.0, 8.0, 20.0];
        let still = Motion { lowering: 0.0, offset: 0.0, slope: 0.0 };
        for (tissue, layers) in [([12.0, 2.7], 50.0), ([20.0, 5.0], 1e5)] {
            let wide = columns::<f64>(tissue, layers, &closures);
            let narrow = columns::<f32>(tissue, layers, &closures);
            let (mut pressure, mut single) = (Pressure::default(), Pressure::default());
            pressure.resize(5);
            single.resize(5);
            let sums = wide.press((0, 5), still, &mut pressure);
            let single_sums = narrow.press((0, 5), still, &mut single);
            assert_eq!((pressure.kpa[0], pressure.slope[0]), (0.0, 0.0));
            for (closure, p) in closures.iter().zip(&pressure.kpa).skip(1) {
                let depth = closure - p / layers;
                let by_tissue = tissue[0] * depth + tissue[1] * depth * depth;
                assert!((by_tissue / p - 1.0).abs() < 1e-9, "{p}");
            }
            for (a, b) in sums.iter().zip(single_sums) {
                assert!((a / b - 1.0).abs() < 3e-6, "{a} {b}");
            }
            let plain = |f: &dyn Fn(usize) -> f64| (0..5).map(f).sum::<f64>();
            let y = |i: usize| i as f64 - 2.0;
            assert!((sums[1] - plain(&|i| pressure.kpa[i] * y(i))).abs() < 1e-9);
            assert!((sums[4] - plain(&|i| pressure.slope[i] * y(i) * y(i))).abs() < 1e-9);
            let step = 1e-5;
            let motion = Motion { offset: -step, ..still };
            let mut ahead = pressure.clone();
            wide.press((0, 5), motion, &mut ahead);
            for i in 1..5 {
                let numeric = (ahead.kpa[i] - pressure.kpa[i]) / step;
                assert!((numeric / pressure.slope[i] - 1.0).abs() < 1e-4, "{numeric}");
            }
        }
    }

    /// The springs keep what is put into them: pressure is the derivative of the energy that tissue and layers hold.
    #[test]
    fn pressure_is_the_derivative_of_energy() {
        let ([k1, k2], layers) = ([12.0, 2.7], 50.0);
        let closures = [0.3, 2.0, 6.0, 15.0];
        let columns = columns::<f64>([k1, k2], layers, &closures);
        let energy = |offset: f64| -> Vec<f64> {
            let mut pressure = Pressure::default();
            pressure.resize(closures.len());
            let motion = Motion { lowering: 0.0, offset, slope: 0.0 };
            columns.press((0, closures.len()), motion, &mut pressure);
            let held = |(gap, p): (&f64, &f64)| {
                let in_layers = p / layers;
                let d = gap - offset - in_layers;
                k1 * d * d / 2.0 + k2 * d.powi(3) / 3.0 + layers * in_layers * in_layers / 2.0
            };
            closures.iter().zip(&pressure.kpa).map(held).collect()
        };
        let mut pressure = Pressure::default();
        pressure.resize(closures.len());
        let still = Motion { lowering: 0.0, offset: 0.0, slope: 0.0 };
        columns.press((0, closures.len()), still, &mut pressure);
        let step = 1e-4;
        let (ahead, behind) = (energy(-step), energy(step));
        for i in 0..closures.len() {
            let numeric = (ahead[i] - behind[i]) / (2.0 * step);
            assert!((numeric / pressure.kpa[i] - 1.0).abs() < 1e-7, "{numeric}");
        }
    }
}
