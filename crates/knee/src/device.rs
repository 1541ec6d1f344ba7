use vocabulary::Angle;

use crate::foot_contact::{ARCH_BASIS_LEAST, edge_roll_mm};
use crate::{FootContact, Parameters, Refinements};

/// What lies between foot and shoe: a height and a stiffness under every contact node.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Height of the top, mm, posts included as far as they reach the foot; the datum is free.
    pub heights_mm: Vec<f64>,
    /// The part of the heights that posts make, as far as it reaches the foot, mm.
    pub post_heights_mm: Vec<f64>,
    /// Stiffness of device and shoe together, kPa/mm.
    pub stiffness_kpa_per_mm: Vec<f64>,
    /// By how much the device's walls stiffen the tissue: 1 for a flat device.
    pub confinement: Vec<f64>,
    /// Heel lift, mm, which acts on the moments by an empirical term.
    pub lift_mm: f64,
    /// The larger of the two posts as built.
    pub largest_post: Angle,
    /// How far posts and lift raise the heel over the device's thinnest place, as built, mm.
    pub stack_heel_mm: f64,
    /// How far the posts raise the forefoot over the device's thinnest place, as built, mm.
    pub stack_forefoot_mm: f64,
}

/// Layers of a device and what they are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Materials {
    /// Thickness of the top cover, mm.
    pub cover_mm: f64,
    /// Modulus of the top cover, MPa.
    pub cover_mpa: f64,
    /// Thickness of base or shell under the foot, mm.
    pub base_mm: f64,
    /// Modulus of the base, MPa.
    pub base_mpa: f64,
    /// Modulus of the posts, MPa.
    pub post_mpa: f64,
    /// Stiffness of the unsupported shell under the arch, kPa/mm; `None` if the arch is not a shell.
    pub shell_kpa_per_mm: Option<f64>,
    /// Height of the heel cup, mm, which confines the heel pad.
    pub cup_mm: f64,
    /// Heel lift, mm.
    pub lift_mm: f64,
}

impl Default for Materials {
    fn default() -> Self {
        Self {
            cover_mm: 3.0,
            cover_mpa: 1.0,
            base_mm: 3.0,
            base_mpa: 3.0,
            post_mpa: 3.0,
            shell_kpa_per_mm: None,
            cup_mm: 0.0,
            lift_mm: 0.0,
        }
    }
}

impl Materials {
    /// The constant stiffness of the shell under a node of the arch.
    fn shell_under(&self, foot: &FootContact, node: usize) -> Option<f64> {
        self.shell_kpa_per_mm.filter(|_| foot.arch_basis[node] > ARCH_BASIS_LEAST)
    }
}

/// A designed device, sampled at the contact nodes.
#[derive(Clone, Copy, Debug)]
pub struct DeviceShape<'a> {
    /// Height of the finished top over its thinnest place, mm, posts included at their full height.
    pub heights_mm: &'a [f64],
    /// The part of those heights that the posts make, mm; 0 where there is none.
    pub post_heights_mm: &'a [f64],
    /// Stiffness of the shell under the node, kPa/mm, infinite where it stands on the shoe: from finite elements. `None`
    /// takes the constant of the materials under the arch.
    pub shell_kpa_per_mm: Option<&'a [f64]>,
    /// Whether the device reaches under the node. Elsewhere the foot stands on the shoe at height 0: the step
    /// at the device's front edge is taken to be bridged by the cover.
    pub covered: &'a [bool],
    /// The larger of the two posts.
    pub largest_post: Angle,
    /// Layers.
    pub materials: Materials,
}

/// The device of the reference implementation (`orthosis`), for checks against its published figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceOrthosis {
    /// Rearfoot post, + lateral.
    pub rearfoot_post: Angle,
    /// Forefoot post, + lateral.
    pub forefoot_post: Angle,
    /// Share of the posts' angles that reaches the foot.
    pub transmission: f64,
    /// Where the rearfoot post gives way to the forefoot's, in foot lengths; 0.62 for a rigid shell.
    pub transition: f64,
    /// Share of the arch's clearance that the device fills, 0 to 1.
    pub arch_fill: f64,
    /// Medial heel skive, mm at the medial edge, at 15°.
    pub skive_mm: f64,
    /// Share of the heel's edge roll that the cup fills.
    pub cup_fill: f64,
    /// Saturation of the dose, as in [`Parameters::refinements`].
    pub refinements: Refinements,
    /// Layers.
    pub materials: Materials,
}

impl Default for ReferenceOrthosis {
    fn default() -> Self {
        Self {
            rearfoot_post: Angle::ZERO,
            forefoot_post: Angle::ZERO,
            transmission: Parameters::default().transmission,
            transition: 0.42,
            arch_fill: 0.0,
            skive_mm: 0.0,
            cup_fill: 0.0,
            refinements: Refinements::NONE,
            materials: Materials::default(),
        }
    }
}

impl Device {
    /// No device: the flat floor of the shoe.
    #[must_use]
    pub fn flat(foot: &FootContact, parameters: &Parameters) -> Self {
        let nodes = foot.len();
        Self {
            heights_mm: vec![0.0; nodes],
            post_heights_mm: vec![0.0; nodes],
            stiffness_kpa_per_mm: vec![parameters.shoe_kpa_per_mm; nodes],
            confinement: vec![1.0; nodes],
            lift_mm: 0.0,
            largest_post: Angle::ZERO,
            stack_heel_mm: 0.0,
            stack_forefoot_mm: 0.0,
        }
    }

    /// A designed device. Its posts are multiplied by `parameters.transmission` here, so the caller gives
    /// their full geometric height.
    ///
    /// # Panics
    /// If the shape's slices do not have one value per contact node of `foot`.
    #[must_use]
    pub fn from_heights(
        foot: &FootContact,
        shape: &DeviceShape<'_>,
        parameters: &Parameters,
    ) -> Self {
        let nodes = foot.len();
        assert_eq!(shape.heights_mm.len(), nodes, "one height per contact node");
        assert_eq!(shape.post_heights_mm.len(), nodes, "one post height per contact node");
        assert_eq!(shape.covered.len(), nodes, "one cover flag per contact node");
        let saturation = parameters.refinements.saturation(shape.largest_post);
        let transmission = parameters.transmission * saturation;
        let mut device = Self::flat(foot, parameters);
        for node in (0..nodes).filter(|node| shape.covered[*node]) {
            let post = transmission * shape.post_heights_mm[node];
            device.post_heights_mm[node] = post;
            device.heights_mm[node] = shape.heights_mm[node] - shape.post_heights_mm[node] + post;
        }
        let covered = |node: usize| shape.covered[node];
        let shells = shape.shell_kpa_per_mm;
        if let Some(shells) = shells {
            assert_eq!(shells.len(), nodes, "one shell stiffness per contact node");
        }
        let shell = |node: usize| match shells {
            Some(shells) => Some(shells[node]),
            None => shape.materials.shell_under(foot, node),
        };
        device.lay(foot, (&shape.materials, &shell), parameters, covered);
        device.largest_post = shape.largest_post;
        device.measure_stack(foot, &shape.materials, transmission);
        device
    }

    /// The reference implementation's device on `foot`.
    #[must_use]
    pub fn reference_orthosis(foot: &FootContact, orthosis: &ReferenceOrthosis) -> Self {
        let parameters = Parameters::default();
        let mut device = Self::flat(foot, &parameters);
        let highest_basis = foot.arch_basis.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        for node in 0..foot.len() {
            let post = orthosis.post_mm(foot, node);
            let along = foot.along(node);
            let arch = orthosis.arch_fill * foot.height_mm[node].max(0.0) * foot.arch_basis[node]
                / highest_basis;
            let lift = orthosis.materials.lift_mm * ((0.70 - along) / 0.70).clamp(0.0, 1.0);
            device.post_heights_mm[node] = post;
            device.heights_mm[node] =
                post + arch + lift + orthosis.skive_at(foot, node) + orthosis.cup_at(foot, node);
        }
        let shell = |node: usize| orthosis.materials.shell_under(foot, node);
        device.lay(foot, (&orthosis.materials, &shell), &parameters, |_| true);
        device.largest_post = Angle::from_rad(
            orthosis.rearfoot_post.rad().abs().max(orthosis.forefoot_post.rad().abs()),
        );
        device.measure_stack(foot, &orthosis.materials, orthosis.transmission.max(0.01));
        device
    }

    /// Sets stiffness and confinement from the layers: shoe, cover, post and base, and the shell of the arch
    /// in series.
    fn lay(
        &mut self,
        foot: &FootContact,
        (materials, shell): (&Materials, &dyn Fn(usize) -> Option<f64>),
        parameters: &Parameters,
        covered: impl Fn(usize) -> bool,
    ) {
        self.lift_mm = materials.lift_mm;
        for node in (0..foot.len()).filter(|node| covered(*node)) {
            let post = self.post_heights_mm[node].max(0.0);
            let mut compliance = 1.0 / parameters.shoe_kpa_per_mm
                + materials.cover_mm / (1e3 * materials.cover_mpa)
                + materials.base_mm / (1e3 * materials.base_mpa)
                + post / (1e3 * materials.post_mpa);
            if let Some(shell) = shell(node) {
                compliance += 1.0 / shell;
            }
            self.stiffness_kpa_per_mm[node] = 1.0 / compliance.max(1e-9);
            if foot.along(node) < 0.24 {
                self.confinement[node] = 1.0 + 0.25 * materials.cup_mm.clamp(0.0, 20.0) / 20.0;
            }
        }
    }

    fn measure_stack(&mut self, foot: &FootContact, materials: &Materials, transmission: f64) {
        let tallest_post = |from: f64, to: f64| {
            (0..foot.len())
                .filter(|node| (from..to).contains(&foot.along(*node)))
                .fold(0.0_f64, |tallest, node| {
                    tallest.max(self.post_heights_mm[node] / transmission)
                })
        };
        self.stack_heel_mm = materials.lift_mm + tallest_post(0.0, 0.24);
        self.stack_forefoot_mm = tallest_post(0.60, 0.78);
    }
}

impl ReferenceOrthosis {
    /// Height of the posts at a node, thin edge zero, as far as it reaches the foot.
    fn post_mm(&self, foot: &FootContact, node: usize) -> f64 {
        let y = foot.y_mm[node];
        let wedge = |post: Angle, width: f64| {
            let rise = (post.rad() * self.transmission * self.refinements.saturation(post)).tan();
            if rise < 0.0 { -rise * (0.5 * width - y) } else { rise * (y + 0.5 * width) }
        };
        let forward = 1.0 / (1.0 + (-(foot.along(node) - self.transition) / 0.045).exp());
        (1.0 - forward) * wedge(self.rearfoot_post, foot.heel_width_mm)
            + forward * wedge(self.forefoot_post, foot.ball_width_mm)
    }

    fn skive_at(&self, foot: &FootContact, node: usize) -> f64 {
        if self.skive_mm <= 0.0 || foot.along(node) >= 0.22 {
            return 0.0;
        }
        let from_medial_edge = foot.y_mm[node] + 0.5 * foot.heel_width_mm;
        (self.skive_mm - from_medial_edge * 15_f64.to_radians().tan()).max(0.0)
    }

    fn cup_at(&self, foot: &FootContact, node: usize) -> f64 {
        let along = foot.along(node);
        if along >= 0.25 {
            return 0.0;
        }
        let highest = if self.materials.cup_mm > 0.0 { self.materials.cup_mm } else { f64::MAX };
        self.cup_fill * edge_roll_mm(along, foot.across[node]).min(highest)
    }
}

/// Stiffness of a shell under the arch in kPa/mm, from the finite-element law of the handbook (section 5):
/// 12 for 3 mm of polyamide 12, 40 for 5 mm.
///
/// `modulus_gpa` is 1.7 for PA12 and 1.3 for polypropylene; `arch_fraction` 0 to 1; `cup_mm` 0 to 18.
#[must_use]
pub fn shell_stiffness_kpa_per_mm(
    modulus_gpa: f64,
    thickness_mm: f64,
    arch_fraction: f64,
    cup_mm: f64,
) -> f64 {
    let arch = between(&[(0.5, 0.83), (0.8, 1.0), (1.0, 1.13)], arch_fraction);
    let cup = between(&[(0.0, 0.83), (8.0, 0.90), (12.0, 1.0), (18.0, 1.12)], cup_mm);
    12.0 * (modulus_gpa / 1.7) * (thickness_mm / 3.0).powf(2.31) * arch * cup
}

/// Linear between knots, constant beyond them.
fn between(knots: &[(f64, f64)], at: f64) -> f64 {
    let next = knots.partition_point(|knot| knot.0 <= at).clamp(1, knots.len() - 1);
    let ((x0, y0), (x1, y1)) = (knots[next - 1], knots[next]);
    y0 + (y1 - y0) * ((at - x0) / (x1 - x0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReferenceFoot;

    #[test]
    fn the_shell_law_meets_the_handbooks_figures() {
        for (gpa, mm, expected) in [(1.7, 3.0, 12.0), (1.7, 5.0, 40.0), (1.3, 4.0, 18.0)] {
            let k = shell_stiffness_kpa_per_mm(gpa, mm, 0.8, 12.0);
            assert!((k / expected - 1.0).abs() < 0.04, "{mm} mm: {k}");
        }
    }

    /// A wedge given by its heights is the reference's wedge, but for the tangent of a small angle.
    #[test]
    fn a_wedge_by_heights_is_the_reference_wedge() {
        let foot = FootContact::reference(&ReferenceFoot::default());
        let post = Angle::from_deg(5.0);
        let reference = ReferenceOrthosis {
            rearfoot_post: post,
            forefoot_post: post,
            ..ReferenceOrthosis::default()
        };
        let full = ReferenceOrthosis { transmission: 1.0, ..reference };
        let heights: Vec<f64> = (0..foot.len()).map(|node| full.post_mm(&foot, node)).collect();
        let shape = DeviceShape {
            heights_mm: &heights,
            post_heights_mm: &heights,
            shell_kpa_per_mm: None,
            covered: &vec![true; foot.len()],
            largest_post: post,
            materials: Materials::default(),
        };
        let made = Device::from_heights(&foot, &shape, &Parameters::default());
        let expected = Device::reference_orthosis(&foot, &reference);
        for node in 0..foot.len() {
            assert!((made.heights_mm[node] - expected.heights_mm[node]).abs() < 0.02);
            let ratio = made.stiffness_kpa_per_mm[node] / expected.stiffness_kpa_per_mm[node];
            assert!((ratio - 1.0).abs() < 1e-3);
        }
        // A 5° wedge whose nodes reach to 29 mm lateral of a 62 mm heel's middle.
        assert!((made.stack_heel_mm - 5_f64.to_radians().tan() * 60.0).abs() < 0.5);
    }

    #[test]
    fn a_device_that_ends_early_leaves_the_shoe() {
        let foot = FootContact::reference(&ReferenceFoot::default());
        let covered: Vec<bool> = (0..foot.len()).map(|node| foot.along(node) < 0.7).collect();
        let heights = vec![2.0; foot.len()];
        let shape = DeviceShape {
            heights_mm: &heights,
            post_heights_mm: &vec![0.0; foot.len()],
            shell_kpa_per_mm: None,
            covered: &covered,
            largest_post: Angle::ZERO,
            materials: Materials::default(),
        };
        let device = Device::from_heights(&foot, &shape, &Parameters::default());
        let toe = foot.len() - 1;
        assert_eq!((device.heights_mm[0], device.heights_mm[toe]), (2.0, 0.0));
        assert_eq!(device.stiffness_kpa_per_mm[toe], 70.0);
        assert!(device.stiffness_kpa_per_mm[0] < 70.0);
    }
}
