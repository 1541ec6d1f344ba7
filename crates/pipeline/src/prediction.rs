//! Where the foot meets the knee: the sole becomes contact nodes, a designed top becomes a device.
//!
//! The knee model's frame has x anterior from the most posterior heel and y lateral; the foot frame has
//! x lateral and y anterior from the heel seat. This file is the only place that converts.

use foot::Foot;
use geometry::Point2;
use knee::{
    Device, DeviceShape, FootContact, FootContactError, Materials, Parameters,
    shell_stiffness_kpa_per_mm,
};
use optimize::{Candidate, DeviceFamily};
use shell::{Design, NodeFields, Shell, TopModel};
use vocabulary::{Angle, Mm};

/// The contact nodes of a foot, for a scan taken under a load of `body_weights` on this foot.
pub(crate) fn contact(foot: &Foot, body_weights: f64) -> Result<FootContact, FootContactError> {
    let back = foot.landmarks.heel_back.position.y;
    let measurements = &foot.measurements;
    let height_at = |anterior: f64, lateral: f64| {
        foot.plantar.heights.sample(Point2::new(lateral, anterior + back))
    };
    let contact = FootContact::from_heights(
        measurements.length_mm,
        measurements.ball_width_mm,
        measurements.heel_width_mm,
        height_at,
    )?;
    Ok(contact.scanned_under(body_weights))
}

/// Places of the contact nodes in the foot frame.
pub(crate) fn places(contact: &FootContact, foot: &Foot) -> Vec<Point2> {
    let back = foot.landmarks.heel_back.position.y;
    contact
        .x_mm
        .iter()
        .zip(&contact.y_mm)
        .map(|(anterior, lateral)| Point2::new(*lateral, anterior + back))
        .collect()
}

/// Layers of a shell for the knee model. The cover is the reference's: 3 mm of 1 MPa.
pub(crate) fn materials(design: &Design, shell_modulus_mpa: f64) -> Materials {
    let shell = shell_stiffness_kpa_per_mm(
        shell_modulus_mpa / 1000.0,
        design.thickness.0,
        design.arch_fraction,
        design.heel_cup_depth.0,
    );
    Materials {
        base_mm: design.thickness.0,
        shell_kpa_per_mm: Some(shell),
        cup_mm: design.heel_cup_depth.0,
        lift_mm: design.heel_lift.0,
        ..Materials::default()
    }
}

/// The devices that the optimizer may choose from: the formula of the shell's top under every contact node.
pub(crate) struct Family<'a> {
    pub(crate) contact: &'a FootContact,
    pub(crate) parameters: Parameters,
    pub(crate) top: &'a TopModel,
    pub(crate) nodes: NodeFields,
    pub(crate) base: Design,
    pub(crate) shell_modulus_mpa: f64,
}

impl DeviceFamily for Family<'_> {
    fn device(&self, candidate: &Candidate) -> Device {
        let design = Design {
            rearfoot_post: candidate.rearfoot_post,
            forefoot_post: candidate.forefoot_post,
            arch_fraction: candidate.arch_fraction,
            ..self.base
        };
        let formula = Formula { top: self.top, nodes: &self.nodes };
        let heights = Heights {
            posted: formula.heights(&design),
            neutral: formula.heights(&unposted(&design)),
            datum: formula.heights(&undosed(&design)),
            covered: &self.nodes.on_shell,
        };
        let materials = materials(&design, self.shell_modulus_mpa);
        heights.device(self.contact, &design, materials, &self.parameters)
    }
}

/// The finished shell as the knee model sees it: its spline surfaces under the contact nodes.
pub(crate) fn finished_device(
    contact: &FootContact,
    foot: &Foot,
    shell: &Shell,
    (design, materials): (&Design, Materials),
    parameters: &Parameters,
) -> Device {
    let places = places(contact, foot);
    let nodes = shell.top_model.nodes(&places);
    let formula = Formula { top: &shell.top_model, nodes: &nodes };
    let mut datum = formula.heights(&undosed(design));
    datum.iter_mut().for_each(|height| *height += shell.settled);
    let heights = Heights {
        posted: places.iter().map(|place| shell.slab.top.height(*place)).collect(),
        neutral: places.iter().map(|place| shell.neutral_top.height(*place)).collect(),
        datum,
        covered: &nodes.on_shell,
    };
    heights.device(contact, design, materials, parameters)
}

/// The formula of a shell's top at prepared places.
struct Formula<'a> {
    top: &'a TopModel,
    nodes: &'a NodeFields,
}

impl Formula<'_> {
    fn heights(&self, design: &Design) -> Vec<f64> {
        let mut heights = Vec::new();
        self.top.heights(self.nodes, design, &mut heights);
        heights
    }
}

/// The design without posts.
fn unposted(design: &Design) -> Design {
    Design { rearfoot_post: Angle::ZERO, forefoot_post: Angle::ZERO, ..*design }
}

/// The design without any dose that acts on the foot: the datum of the knee model.
///
/// The model was calibrated with posts, arch fill, skive and lift on a device that is otherwise flat. A shell
/// also follows heel and lateral border, which under load settle onto a flat floor just as well; counting
/// that as support made a neutral shell look like a lateral wedge (-4 % on an unloaded scan, where
/// trials of contoured insoles found no mean change).
fn undosed(design: &Design) -> Design {
    Design {
        arch_fraction: 0.0,
        cast_fill: Mm(0.0),
        medial_skive: Mm(0.0),
        heel_lift: Mm(0.0),
        ..unposted(design)
    }
}

struct Heights<'a> {
    posted: Vec<f64>,
    neutral: Vec<f64>,
    datum: Vec<f64>,
    covered: &'a [bool],
}

impl Heights<'_> {
    fn device(
        self,
        contact: &FootContact,
        design: &Design,
        materials: Materials,
        parameters: &Parameters,
    ) -> Device {
        let difference = |from: &[f64], less: &[f64]| -> Vec<f64> {
            from.iter().zip(less).map(|(height, other)| height - other).collect()
        };
        let larger = if design.rearfoot_post.rad().abs() > design.forefoot_post.rad().abs() {
            design.rearfoot_post
        } else {
            design.forefoot_post
        };
        let shape = DeviceShape {
            heights_mm: &difference(&self.posted, &self.datum),
            post_heights_mm: &difference(&self.posted, &self.neutral),
            covered: self.covered,
            largest_post: larger,
            materials,
        };
        Device::from_heights(contact, &shape, parameters)
    }
}
