//! Contact of a sole with a bed of springs: pressure sums, their derivatives, and Newton's method on them.
//!
//! A node's closure is `g = h_device - h_foot + lowering·b - (a + s·y)` with the row's a and s from the foot's
//! pose, so that within a row of nodes (constant x) only the sums of p, p·y and of k, k·y, k·y² with
//! k = dp/dg are needed; everything else is algebra on a few moments per part of the foot.

use nalgebra::{Matrix4, Vector4};

use crate::press::{Columns, Motion, Node, Pressure, Real};
use crate::{Device, FootContact, Parameters};

/// A part of the foot in which the pose moves all nodes by the same linear form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Behind the midtarsal joint.
    Rear,
    /// Between midtarsal and toe joints; twists.
    Forefoot,
    /// Twists, and does not pitch further.
    Toes,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    x: f64,
    part: Part,
    nodes: (usize, usize),
    /// For the quick test whether the row can touch at all.
    highest_gap: f64,
    highest_arch: f64,
    y_range: (f64, f64),
}

/// Constants of the geometry that the linear forms need.
#[derive(Clone, Copy, Debug)]
struct Joints {
    pitch_x: f64,
    toe_joint_x: f64,
    subtalar: [f64; 2],
    lateral_share: f64,
    frontal_share: f64,
    midtarsal_y: f64,
}

/// Where the foot is: it sinks, pitches, turns and twists.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pose {
    /// Rise, mm.
    pub(crate) rise: f64,
    /// Pitch, rad: toes up.
    pub(crate) pitch: f64,
    /// Turn, rad: about the subtalar axis, or the plain frontal tilt when the baseline is fitted.
    pub(crate) turn: f64,
    /// Twist of the forefoot, rad.
    pub(crate) twist: f64,
}

impl Pose {
    fn vector(self) -> Vector4<f64> {
        Vector4::new(self.rise, self.pitch, self.turn, self.twist)
    }

    fn from_vector(v: &Vector4<f64>) -> Self {
        Self { rise: v[0], pitch: v[1], turn: v[2], twist: v[3] }
    }
}

/// What turning means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Frontal tilt of the whole foot; the twist is locked.
    Tilt,
    /// Rotation about the subtalar axis.
    Subtalar,
}

/// What must hold at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Equilibrium {
    /// What `turn` means, and which moment the third equation balances: F·COPy for tilt, subtalar otherwise.
    pub(crate) turn: Turn,
    /// Force (N), moment about y (N·mm), third moment (N·mm), forefoot twisting moment (N·mm).
    pub(crate) target: [f64; 4],
    /// Stiffness against turn and twist, N·mm/rad.
    pub(crate) stiffness: [f64; 2],
    /// Frontal tilt frozen into the foot, rad.
    pub(crate) tilt: f64,
    /// Lowering of the arch, mm.
    pub(crate) lowering: f64,
    /// Largest force residual over force, and largest moment residual over force in mm.
    pub(crate) tolerance: (f64, f64),
}

/// Sums of contact over a part: p·(1, x, y) and the symmetric moments of dp/dg over (1, x, y).
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    force: [f64; 3],
    stiffness: [[f64; 3]; 3],
}

/// A linear form c0 + c1·x + c2·y.
type Form = [f64; 3];

/// Generalized forces of a contact: what the equations balance.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Resultant {
    /// N.
    pub(crate) force: f64,
    /// Σ p·A·x, N·mm.
    pub(crate) along: f64,
    /// Σ p·A·y, N·mm.
    pub(crate) across: f64,
    /// Σ p·A·L about the subtalar axis, N·mm.
    pub(crate) subtalar: f64,
    /// Σ over the forefoot of p·A·y from the midtarsal axis, N·mm.
    pub(crate) twist: f64,
}

/// A solved instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Solution {
    pub(crate) pose: Pose,
    pub(crate) resultant: Resultant,
    pub(crate) converged: bool,
    /// Derivatives of the residual to the pose, where it was found.
    jacobian: Matrix4<f64>,
    /// Derivative of [`Resultant::across`] to the pose.
    across: Vector4<f64>,
}

impl Solution {
    /// How much more force a millimeter of sinking would make, N/mm.
    pub(crate) fn vertical_stiffness(&self) -> f64 {
        -self.jacobian[(0, 0)]
    }
}

/// How center of pressure and turn change with the calibrated stiffnesses, per unit of their logarithm: posts,
/// subtalar and midtarsal stiffness.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slopes {
    /// Σ p·A·y over force, mm.
    pub(crate) cop_mm: [f64; 3],
    /// Turn about the subtalar axis, rad.
    pub(crate) turn: [f64; 3],
}

/// A foot on a device, ready to be solved at any instant.
#[derive(Clone, Debug)]
pub(crate) struct Contact<T> {
    columns: Columns<T>,
    rows: Vec<Row>,
    joints: Joints,
    newton_per_kpa: f64,
}

impl<T: Real> Contact<T> {
    /// Joins foot and device; `posts` multiplies the device's post heights (1 for the device as it is).
    pub(crate) fn new(
        foot: &FootContact,
        device: &Device,
        parameters: &Parameters,
        posts: f64,
    ) -> Self {
        let mut contact = Self {
            columns: Columns::default(),
            rows: Vec::new(),
            joints: Joints {
                pitch_x: 0.45 * foot.length_mm,
                toe_joint_x: parameters.toe_joint_at * foot.length_mm,
                subtalar: [parameters.subtalar_anterior_mm, parameters.subtalar_lateral_mm],
                lateral_share: parameters.lateral_share(),
                frontal_share: parameters.frontal_share(),
                midtarsal_y: parameters.midtarsal_lateral_mm,
            },
            newton_per_kpa: foot.cell_area_mm2 * 1e-3,
        };
        let mut first = 0;
        while first < foot.len() {
            let x = foot.x_mm[first];
            let end = first + foot.x_mm[first..].partition_point(|other| *other <= x);
            contact.add_row(foot, device, parameters, (first, end), posts);
            first = end;
        }
        contact
    }

    fn add_row(
        &mut self,
        foot: &FootContact,
        device: &Device,
        parameters: &Parameters,
        nodes: (usize, usize),
        posts: f64,
    ) {
        let x = foot.x_mm[nodes.0];
        let part = if x <= parameters.midtarsal_at * foot.length_mm {
            Part::Rear
        } else if x < parameters.toe_joint_at * foot.length_mm {
            Part::Forefoot
        } else {
            Part::Toes
        };
        let (mut highest_gap, mut highest_arch) = (f64::MIN, 0.0_f64);
        for node in nodes.0..nodes.1 {
            let post = posts * device.post_heights_mm[node];
            let gap = device.heights_mm[node] - device.post_heights_mm[node] + post
                - foot.height_mm[node];
            let confinement = device.confinement[node];
            let behind = 1.0 / device.stiffness_kpa_per_mm[node] + 1.0 / foot.arch_structure[node];
            self.columns.push(&Node {
                gap,
                arch: foot.arch_basis[node],
                y: foot.y_mm[node],
                tissue: [
                    foot.tissue_linear[node] * confinement,
                    foot.tissue_hardening[node] * confinement,
                ],
                layers: 1.0 / behind,
                post,
            });
            highest_gap = highest_gap.max(gap);
            highest_arch = highest_arch.max(foot.arch_basis[node]);
        }
        let y_range = (foot.y_mm[nodes.0], foot.y_mm[nodes.1 - 1]);
        self.rows.push(Row { x, part, nodes, highest_gap, highest_arch, y_range });
    }

    /// How the closure of a part's nodes falls with each component of the pose: rise, pitch, turn, twist.
    fn pose_forms(&self, part: Part, turn: Turn) -> [Form; 4] {
        let j = &self.joints;
        let pitch = match part {
            Part::Rear | Part::Forefoot => [-j.pitch_x, 1.0, 0.0],
            Part::Toes => [j.toe_joint_x - j.pitch_x, 0.0, 0.0],
        };
        let turn = match turn {
            Turn::Tilt => [0.0, 0.0, 1.0],
            Turn::Subtalar => self.subtalar_form(),
        };
        [[1.0, 0.0, 0.0], pitch, turn, self.twist_form(part)]
    }

    /// The weights with which a part's forces enter the four equations.
    fn force_forms(&self, part: Part, turn: Turn) -> [Form; 4] {
        let third = match turn {
            Turn::Tilt => [0.0, 0.0, 1.0],
            Turn::Subtalar => self.subtalar_form(),
        };
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], third, self.twist_form(part)]
    }

    /// Vertical motion per rotation about the subtalar axis: `L = u_x (y - y_s) - u_y (x - x_s)`.
    fn subtalar_form(&self) -> Form {
        let Joints { subtalar: [x, y], lateral_share, frontal_share, .. } = self.joints;
        [lateral_share * x - frontal_share * y, -lateral_share, frontal_share]
    }

    fn twist_form(&self, part: Part) -> Form {
        if part == Part::Rear { [0.0; 3] } else { [-self.joints.midtarsal_y, 0.0, 1.0] }
    }

    /// Pressures at a pose, and their sums by part.
    fn sums(&self, pose: Pose, at: &Equilibrium, pressure: &mut Pressure<T>) -> [Sums; 3] {
        pressure.resize(self.columns.len());
        let components = [pose.rise, pose.pitch, pose.turn, pose.twist];
        let forms = [Part::Rear, Part::Forefoot, Part::Toes].map(|part| {
            let mut form = [0.0, 0.0, at.tilt];
            for (of_pose, component) in self.pose_forms(part, at.turn).iter().zip(components) {
                for k in 0..3 {
                    form[k] += component * of_pose[k];
                }
            }
            form
        });
        let mut parts = [Sums::default(); 3];
        for row in &self.rows {
            let form = forms[row.part as usize];
            let (offset, slope) = (form[0] + form[1] * row.x, form[2]);
            let lowest = (slope * row.y_range.0).min(slope * row.y_range.1);
            if row.highest_gap + at.lowering * row.highest_arch - offset - lowest <= 0.0 {
                pressure.release(row.nodes.0, row.nodes.1);
                continue;
            }
            let motion = Motion { lowering: at.lowering, offset, slope };
            let sums = self.columns.press(row.nodes, motion, pressure);
            parts[row.part as usize].add_row(row.x, sums, self.newton_per_kpa);
        }
        parts
    }

    /// Generalized forces, and residual and Jacobian of the equations.
    fn assemble(&self, pose: Pose, at: &Equilibrium, parts: &[Sums; 3]) -> Assembled {
        let mut jacobian = Matrix4::zeros();
        let mut across = Vector4::zeros();
        let mut balance = Vector4::zeros();
        let mut resultant = Resultant::default();
        let subtalar = self.subtalar_form();
        for (part, sums) in [Part::Rear, Part::Forefoot, Part::Toes].into_iter().zip(parts) {
            resultant.force += sums.force[0];
            resultant.along += sums.force[1];
            resultant.across += sums.force[2];
            resultant.subtalar += dot(&subtalar, &sums.force);
            resultant.twist += dot(&self.twist_form(part), &sums.force);
            let columns = self.pose_forms(part, at.turn);
            for (unknown, form) in columns.iter().enumerate() {
                across[unknown] -= dot(&sums.stiffness[2], form);
            }
            for (equation, weights) in self.force_forms(part, at.turn).iter().enumerate() {
                balance[equation] += dot(weights, &sums.force);
                let weighted: Form = std::array::from_fn(|k| dot(weights, &sums.stiffness[k]));
                for (unknown, form) in columns.iter().enumerate() {
                    jacobian[(equation, unknown)] -= dot(&weighted, form);
                }
            }
        }
        let mut residual = balance - Vector4::from(at.target);
        match at.turn {
            Turn::Subtalar => {
                residual[2] -= at.stiffness[0] * pose.turn;
                residual[3] -= at.stiffness[1] * pose.twist;
                jacobian[(2, 2)] -= at.stiffness[0];
                jacobian[(3, 3)] -= at.stiffness[1];
            }
            Turn::Tilt => {
                residual[3] = pose.twist;
                jacobian.set_row(3, &Vector4::new(0.0, 0.0, 0.0, 1.0).transpose());
            }
        }
        Assembled { resultant, residual, jacobian, across }
    }

    /// Finds the pose in equilibrium, by plain Newton from `start` and, should that fail, by damped steps.
    pub(crate) fn solve(
        &self,
        start: Pose,
        at: &Equilibrium,
        pressure: &mut Pressure<T>,
    ) -> Solution {
        let plain = self.newton(start, at, pressure, false);
        if plain.converged {
            return plain;
        }
        let again = self.newton(Pose { turn: start.turn, ..Pose::default() }, at, pressure, true);
        if again.converged { again } else { plain }
    }

    fn newton(
        &self,
        start: Pose,
        at: &Equilibrium,
        pressure: &mut Pressure<T>,
        damped: bool,
    ) -> Solution {
        const ROUNDS: usize = 60;
        let mut pose = start;
        let mut best = f64::MAX;
        let mut last_step = Vector4::zeros();
        let mut solution = Solution {
            pose,
            resultant: Resultant::default(),
            converged: false,
            jacobian: Matrix4::zeros(),
            across: Vector4::zeros(),
        };
        for _ in 0..ROUNDS {
            let parts = self.sums(pose, at, pressure);
            let Assembled { resultant, residual, jacobian, across } =
                self.assemble(pose, at, &parts);
            let error = at.error(&residual);
            solution = Solution { pose, resultant, converged: error <= 1.0, jacobian, across };
            if solution.converged {
                return solution;
            }
            if resultant.force < 1e-3 * at.target[0] {
                // The foot hangs free: nothing to linearize, so it is lowered.
                pose.rise -= 2.0;
                continue;
            }
            if damped && error > best && last_step.norm() > 1e-9 {
                last_step *= 0.5;
                pose = Pose::from_vector(&(pose.vector() - last_step));
                continue;
            }
            best = error;
            let Some(step) = jacobian.lu().solve(&-residual) else { break };
            last_step = limited(&step);
            pose = Pose::from_vector(&(pose.vector() + last_step));
        }
        solution
    }

    /// How a solved instant answers to the calibrated stiffnesses, by implicit differentiation: the equations
    /// hold for every value of a parameter, so dq = -J⁻¹ ∂R. `pressure` is that of the solution.
    pub(crate) fn slopes(
        &self,
        solution: &Solution,
        at: &Equilibrium,
        pressure: &Pressure<T>,
    ) -> Slopes {
        let mut by_posts = Vector4::zeros();
        let mut across_by_posts = 0.0;
        for row in &self.rows {
            let [pressed, pressed_y] =
                self.columns.post_sums(row.nodes, pressure).map(|sum| sum * self.newton_per_kpa);
            let force = [pressed, pressed * row.x, pressed_y];
            for (equation, weights) in self.force_forms(row.part, at.turn).iter().enumerate() {
                by_posts[equation] += dot(weights, &force);
            }
            across_by_posts += pressed_y;
        }
        let by_subtalar = Vector4::new(0.0, 0.0, -at.stiffness[0] * solution.pose.turn, 0.0);
        let by_midtarsal = Vector4::new(0.0, 0.0, 0.0, -at.stiffness[1] * solution.pose.twist);
        let mut slopes = Slopes::default();
        let factors = solution.jacobian.lu();
        for (which, (residual, across)) in
            [(by_posts, across_by_posts), (by_subtalar, 0.0), (by_midtarsal, 0.0)]
                .into_iter()
                .enumerate()
        {
            let Some(pose) = factors.solve(&-residual) else { return Slopes::default() };
            slopes.cop_mm[which] = (across + solution.across.dot(&pose)) / at.target[0];
            slopes.turn[which] = pose[2];
        }
        slopes
    }
}

/// A pose's forces and what they leave unbalanced.
struct Assembled {
    resultant: Resultant,
    residual: Vector4<f64>,
    jacobian: Matrix4<f64>,
    across: Vector4<f64>,
}

impl Equilibrium {
    /// The largest residual over its tolerance: solved at 1 or less.
    fn error(&self, residual: &Vector4<f64>) -> f64 {
        let force = self.target[0];
        let moment = self.tolerance.1 * force;
        let twist = if self.turn == Turn::Tilt { 0.0 } else { residual[3].abs() / moment };
        (residual[0].abs() / (self.tolerance.0 * force + 1e-6))
            .max(residual[1].abs() / moment)
            .max(residual[2].abs() / moment)
            .max(twist)
    }
}

/// Shortens a Newton step to at most 4 mm of rise, 0.05 rad of pitch and 0.08 rad of turn.
fn limited(step: &Vector4<f64>) -> Vector4<f64> {
    let mut scale = 1.0_f64;
    for (component, most) in step.iter().zip([4.0, 0.05, 0.08]) {
        if component.abs() * scale > most {
            scale = most / component.abs();
        }
    }
    step * scale
}

fn dot(a: &Form, b: &Form) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

impl Sums {
    /// Adds a row's sums of p, p·y, k, k·y, k·y² at its x.
    fn add_row(&mut self, x: f64, row: [f64; 5], area: f64) {
        let [p, py, k, ky, kyy] = row.map(|sum| sum * area);
        for (sum, term) in self.force.iter_mut().zip([p, p * x, py]) {
            *sum += term;
        }
        let terms = [[k, k * x, ky], [k * x, k * x * x, ky * x], [ky, ky * x, kyy]];
        for (sums, terms) in self.stiffness.iter_mut().zip(terms) {
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += term;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReferenceFoot;

    fn standing() -> (Contact<f64>, Equilibrium) {
        let foot = FootContact::reference(&ReferenceFoot::default());
        let parameters = Parameters::default();
        let contact = Contact::new(&foot, &Device::flat(&foot, &parameters), &parameters, 1.0);
        let equilibrium = Equilibrium {
            turn: Turn::Subtalar,
            target: [700.0, 700.0 * 100.0, 9000.0, 2000.0],
            stiffness: [40_000.0, 50_000.0],
            tilt: -0.02,
            lowering: 5.0,
            tolerance: (2e-4, 0.02),
        };
        (contact, equilibrium)
    }

    #[test]
    fn the_jacobian_is_the_derivative_of_the_residual() {
        let (contact, equilibrium) = standing();
        let mut pressure = Pressure::default();
        let mut residual = |pose: Pose, at: &Equilibrium| {
            let parts = contact.sums(pose, at, &mut pressure);
            let made = contact.assemble(pose, at, &parts);
            (made.resultant.across, made.residual, made.jacobian, made.across)
        };
        for turn in [Turn::Subtalar, Turn::Tilt] {
            let at = Equilibrium { turn, ..equilibrium };
            let pose = Pose { rise: -4.0, pitch: 0.01, turn: 0.02, twist: -0.01 };
            let (_, _, jacobian, across) = residual(pose, &at);
            for (unknown, step) in [1e-4, 1e-6, 1e-6, 1e-6].into_iter().enumerate() {
                let mut offset = Vector4::zeros();
                offset[unknown] = step;
                let (far, ahead, ..) = residual(Pose::from_vector(&(pose.vector() + offset)), &at);
                let (near, behind, ..) =
                    residual(Pose::from_vector(&(pose.vector() - offset)), &at);
                let numeric = (far - near) / (2.0 * step);
                assert!((numeric / across[unknown] - 1.0).abs() < 1e-4, "across: {numeric}");
                let numeric = (ahead - behind) / (2.0 * step);
                let column = jacobian.column(unknown);
                for equation in 0..4 {
                    let scale = column.amax().max(1.0);
                    let error = (numeric[equation] - column[equation]).abs() / scale;
                    assert!(error < 1e-5, "{turn:?} {equation} {unknown}: {error}");
                }
            }
        }
    }

    #[test]
    fn a_solution_is_in_equilibrium() {
        let (contact, equilibrium) = standing();
        let mut pressure = Pressure::default();
        let start = Pose { rise: -3.0, ..Pose::default() };
        let solution = contact.solve(start, &equilibrium, &mut pressure);
        assert!(solution.converged);
        let force: f64 = pressure.kpa.iter().sum::<f64>() * 0.025;
        assert!((force - 700.0).abs() < 0.2, "{force}");
        let resultant = solution.resultant;
        assert!((resultant.along / resultant.force - 100.0).abs() < 0.05);
        let subtalar = 9000.0 + 40_000.0 * solution.pose.turn;
        assert!((resultant.subtalar - subtalar).abs() < 0.02 * 700.0);
    }

    #[test]
    fn a_hopeless_start_is_still_solved() {
        let (contact, equilibrium) = standing();
        let start = Pose { rise: 60.0, pitch: 0.3, turn: -0.3, twist: 0.2 };
        let solution = contact.solve(start, &equilibrium, &mut Pressure::default());
        let near = contact.solve(Pose::default(), &equilibrium, &mut Pressure::default());
        assert!(solution.converged);
        assert!((solution.pose.vector() - near.pose.vector()).amax() < 0.05);
    }
}
