//! Where the foot meets the knee: the sole becomes contact nodes, a designed top becomes a device.
//!
//! The knee model's frame has x anterior from the most posterior heel and y lateral; the foot frame has
//! x lateral and y anterior from the heel seat. This file is the only place that converts.

use std::collections::BTreeMap;

use foot::Foot;
use geometry::{GraphSurface, Point2};
use knee::{
    Device, DeviceShape, FootContact, FootContactError, Materials, Parameters,
    shell_stiffness_kpa_per_mm,
};
use optimize::{Candidate, DeviceFamily, Variable};
use shell::{Doses, NodeFields, Shell, TopModel};
use stiffness::StiffnessMap;
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

/// Thickness in mm and modulus in MPa of the cover between shell and foot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layer {
    pub(crate) thickness_mm: f64,
    pub(crate) modulus_mpa: f64,
}

/// Layers of a shell for the knee model.
pub(crate) fn materials(design: &Doses, cover: Layer, shell_modulus_mpa: f64) -> Materials {
    let shell = shell_stiffness_kpa_per_mm(
        shell_modulus_mpa / 1000.0,
        design.thickness.0,
        design.arch_fraction,
        design.heel_cup_depth.0,
    );
    Materials {
        cover_mm: cover.thickness_mm,
        cover_mpa: cover.modulus_mpa,
        base_mm: design.thickness.0,
        shell_kpa_per_mm: Some(shell),
        cup_mm: design.heel_cup_depth.0,
        lift_mm: design.heel_lift.0,
        ..Materials::default()
    }
}

/// A place that far along the shell lies before its distal edge if nothing of the shell is in front of it, and not beside it.
const DISTAL: f64 = 0.75;

/// For every contact node, what lies under it.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    /// Whether the device acts there: on the shell, and in front of it.
    acts: Vec<bool>,
    /// Whether the node stands in front of the shell's distal edge.
    in_front: Vec<bool>,
}

impl Cover {
    /// In front of the shell the posts go on as a full-length wedge, which is what the knee model was
    /// calibrated with. A bare step of 5 to 10 mm behind the heads made the model put the foot's weight on that ledge
    /// and predict more than a full-length wedge does; a cover bridges it in the shoe.
    pub(crate) fn new(foot: &Foot, places: &[Point2], on_shell: &[bool]) -> Self {
        let heads = [&foot.landmarks.first_metatarsal_head, &foot.landmarks.fifth_metatarsal_head];
        let column = |place: &Point2| (place.x / knee::GRID_MM).round() as i64;
        let mut edges: BTreeMap<i64, f64> = BTreeMap::new();
        for (place, _) in places.iter().zip(on_shell).filter(|(_, on_shell)| **on_shell) {
            let edge = edges.entry(column(place)).or_insert(f64::NEG_INFINITY);
            *edge = edge.max(place.y);
        }
        let foremost = edges.values().copied().fold(f64::NEG_INFINITY, f64::max);
        let behind_heads = heads.map(|head| head.position.y).into_iter().fold(foremost, f64::min);
        // The distal edge is oblique: what lies before it is told column by column.
        let in_front: Vec<bool> = places
            .iter()
            .zip(on_shell)
            .map(|(place, on_shell)| {
                let edge = edges.get(&column(place)).copied().unwrap_or(behind_heads);
                !on_shell && place.y > edge.min(behind_heads) && place.y > DISTAL * foremost
            })
            .collect();
        let acts = in_front.iter().zip(on_shell).map(|(front, shell)| *front || *shell).collect();
        Self { acts, in_front }
    }
}

/// The devices that the optimizer may choose from: the formula of the shell's top under every contact node.
pub(crate) struct Family<'a> {
    pub(crate) contact: &'a FootContact,
    pub(crate) parameters: Parameters,
    pub(crate) top: &'a TopModel,
    pub(crate) nodes: NodeFields,
    pub(crate) cover: Cover,
    pub(crate) base: Doses,
    /// The ordered wedge under heel and forefoot, which is part of `top`.
    pub(crate) wedge: [Angle; 2],
    pub(crate) shell_modulus_mpa: f64,
    /// The pressed shell of another thickness, where one was built: its stiffness under every node, and its thickness.
    pub(crate) pressed: Option<(&'a [f64], f64)>,
}

impl Family<'_> {
    /// The pressed shell's stiffness, carried over to this thickness by the handbook's law.
    fn shells(&self, design: &Doses) -> Option<Vec<f64>> {
        let (shells, thickness_mm) = self.pressed?;
        let factor = (design.thickness.0 / thickness_mm).powf(THICKNESS_EXPONENT);
        Some(shells.iter().map(|stiffness| stiffness * factor).collect())
    }
}

/// How the stiffness of a shell under the arch grows with its thickness (knee-model handbook, section 5).
const THICKNESS_EXPONENT: f64 = 2.31;

/// Stiffness of the pressed shell under every node, kPa/mm; infinite where there is none.
pub(crate) fn shells(map: &StiffnessMap, places: &[Point2]) -> Vec<f64> {
    places.iter().map(|place| map.kpa_per_mm(*place).unwrap_or(f64::INFINITY)).collect()
}

/// The design that a candidate stands for, the doses that are not searched as in `base`.
pub(crate) fn doses_of(candidate: &Candidate, base: Doses) -> Doses {
    let value = |variable: Variable| candidate.values[variable];
    Doses {
        rearfoot_post: candidate.rearfoot_post(),
        forefoot_post: candidate.forefoot_post(),
        arch_fraction: candidate.arch_fraction(),
        thickness: Mm(value(Variable::Thickness)),
        heel_cup_depth: Mm(value(Variable::HeelCup)),
        heel_lift: Mm(value(Variable::HeelLift)),
        medial_skive: Mm(value(Variable::MedialSkive)),
        ..base
    }
}

/// The cover that a candidate stands for.
pub(crate) fn cover_of(candidate: &Candidate) -> Layer {
    Layer {
        thickness_mm: candidate.values[Variable::Cover],
        modulus_mpa: candidate.values[Variable::CoverModulus],
    }
}

impl DeviceFamily for Family<'_> {
    fn device(&self, candidate: &Candidate) -> Device {
        let design = doses_of(candidate, self.base);
        let formula = Formula { top: self.top, nodes: &self.nodes };
        let heights = Heights {
            posted: formula.heights(&design),
            neutral: formula.heights(&level(&design, self.wedge)),
            datum: formula.heights(&undosed(&design, self.wedge)),
            covered: &self.cover.acts,
            shells: self.shells(&design),
        };
        let materials = Materials {
            post_mpa: candidate.values[Variable::PostModulus],
            ..materials(&design, cover_of(candidate), self.shell_modulus_mpa)
        };
        let tilts = [design.rearfoot_post + self.wedge[0], design.forefoot_post + self.wedge[1]];
        heights.device(self.contact, tilts, materials, &self.parameters)
    }
}

/// What a finished shell was built for.
pub(crate) struct Built<'a> {
    pub(crate) design: &'a Doses,
    /// The ordered wedge under heel and forefoot.
    pub(crate) wedge: [Angle; 2],
    pub(crate) materials: Materials,
    /// How far the shell sinks under the pressed arch, if it could be pressed.
    pub(crate) map: Option<StiffnessMap>,
}

/// The finished shell as the knee model sees it: its spline surfaces under the contact nodes.
pub(crate) fn finished_device(
    contact: &FootContact,
    foot: &Foot,
    shell: &Shell,
    built: &Built<'_>,
    parameters: &Parameters,
) -> Device {
    let Built { design, wedge, materials, ref map } = *built;
    let places = places(contact, foot);
    let nodes = shell.top_model.nodes(&places);
    let formula = Formula { top: &shell.top_model, nodes: &nodes };
    let cover = Cover::new(foot, &places, &nodes.on_shell);
    let settled = |design: &Doses| -> Vec<f64> {
        formula.heights(design).into_iter().map(|height| height + shell.settled).collect()
    };
    // The surfaces end at the shell's edge; in front of it the formula they were fitted to goes on.
    let on_surface = |surface: &GraphSurface, formula: Vec<f64>| -> Vec<f64> {
        let nodes = places.iter().zip(formula).zip(&cover.in_front);
        nodes
            .map(|((place, formula), front)| if *front { formula } else { surface.height(*place) })
            .collect()
    };
    let heights = Heights {
        posted: on_surface(&shell.slab.top, settled(design)),
        // The surface without posts has no wedge either.
        neutral: on_surface(&shell.neutral_top, settled(&level(design, wedge))),
        datum: settled(&undosed(design, wedge)),
        covered: &cover.acts,
        shells: map.as_ref().map(|map| shells(map, &places)),
    };
    let tilts = [design.rearfoot_post + wedge[0], design.forefoot_post + wedge[1]];
    heights.device(contact, tilts, materials, parameters)
}

/// The formula of a shell's top at prepared places.
struct Formula<'a> {
    top: &'a TopModel,
    nodes: &'a NodeFields,
}

impl Formula<'_> {
    fn heights(&self, design: &Doses) -> Vec<f64> {
        let mut heights = Vec::new();
        self.top.heights(self.nodes, design, &mut heights);
        heights
    }
}

/// The design without anything that tilts the foot: posts that take the ordered wedge back to the bit.
fn level(design: &Doses, wedge: [Angle; 2]) -> Doses {
    Doses { rearfoot_post: -wedge[0], forefoot_post: -wedge[1], ..*design }
}

/// The design without any dose that acts on the foot: the datum of the knee model.
///
/// The model was calibrated with posts, arch fill, skive and lift on a device that is otherwise flat. A shell
/// also follows heel and lateral border, which under load settle onto a flat floor just as well; counting
/// that as support made a neutral shell look like a lateral wedge (-4 % on an unloaded scan, where
/// trials of contoured insoles found no mean change).
fn undosed(design: &Doses, wedge: [Angle; 2]) -> Doses {
    Doses {
        arch_fraction: 0.0,
        cast_fill: Mm(0.0),
        medial_skive: Mm(0.0),
        heel_lift: Mm(0.0),
        ..level(design, wedge)
    }
}

struct Heights<'a> {
    posted: Vec<f64>,
    neutral: Vec<f64>,
    datum: Vec<f64>,
    covered: &'a [bool],
    shells: Option<Vec<f64>>,
}

impl Heights<'_> {
    fn device(
        self,
        contact: &FootContact,
        [rearfoot, forefoot]: [Angle; 2],
        materials: Materials,
        parameters: &Parameters,
    ) -> Device {
        let difference = |from: &[f64], less: &[f64]| -> Vec<f64> {
            from.iter().zip(less).map(|(height, other)| height - other).collect()
        };
        let larger = if rearfoot.rad().abs() > forefoot.rad().abs() { rearfoot } else { forefoot };
        let shape = DeviceShape {
            heights_mm: &difference(&self.posted, &self.datum),
            post_heights_mm: &difference(&self.posted, &self.neutral),
            shell_kpa_per_mm: self.shells.as_deref(),
            covered: self.covered,
            largest_post: larger,
            materials,
        };
        Device::from_heights(contact, &shape, parameters)
    }
}
