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
        let (mut posted, mut neutral) = (Vec::new(), Vec::new());
        self.top.heights(&self.nodes, &design, &mut posted);
        self.top.heights(&self.nodes, &unposted(&design), &mut neutral);
        let heights = Heights { posted, neutral, covered: &self.nodes.on_shell };
        heights.device(
            self.contact,
            &design,
            materials(&design, self.shell_modulus_mpa),
            &self.parameters,
        )
    }
}

/// The finished shell as the knee model sees it: its spline surfaces under the contact nodes.
pub(crate) fn finished_device(
    contact: &FootContact,
    foot: &Foot,
    (shell, nodes): (&Shell, &NodeFields),
    (design, materials): (&Design, Materials),
    parameters: &Parameters,
) -> Device {
    let places = places(contact, foot);
    let heights = Heights {
        posted: places.iter().map(|place| shell.slab.top.height(*place)).collect(),
        neutral: places.iter().map(|place| shell.neutral_top.height(*place)).collect(),
        covered: &nodes.on_shell,
    };
    heights.device(contact, design, materials, parameters)
}

pub(crate) fn unposted(design: &Design) -> Design {
    Design {
        rearfoot_post: vocabulary::Angle::ZERO,
        forefoot_post: vocabulary::Angle::ZERO,
        ..*design
    }
}

struct Heights<'a> {
    posted: Vec<f64>,
    neutral: Vec<f64>,
    covered: &'a [bool],
}

impl Heights<'_> {
    fn device(
        mut self,
        contact: &FootContact,
        design: &Design,
        materials: Materials,
        parameters: &Parameters,
    ) -> Device {
        let posts: Vec<f64> = self
            .posted
            .iter()
            .zip(&self.neutral)
            .map(|(posted, neutral)| posted - neutral)
            .collect();
        // The top of a flat shell lies one thickness over the floor; the knee model counts from there.
        self.posted.iter_mut().for_each(|height| *height -= design.thickness.0);
        let larger = if design.rearfoot_post.rad().abs() > design.forefoot_post.rad().abs() {
            design.rearfoot_post
        } else {
            design.forefoot_post
        };
        let shape = DeviceShape {
            heights_mm: &self.posted,
            post_heights_mm: &posts,
            covered: self.covered,
            largest_post: larger,
            materials,
        };
        Device::from_heights(contact, &shape, parameters)
    }
}
