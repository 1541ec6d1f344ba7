use crate::Parameters;

/// Distance between contact nodes that the model was calibrated with, mm.
pub const GRID_MM: f64 = 5.0;

/// Where the arch basis exceeds this, the foot's own arch gives way under load.
pub(crate) const ARCH_BASIS_LEAST: f64 = 0.25;

/// Stiffness of the loaded arch of the foot itself, kPa/mm.
const ARCH_STRUCTURE_KPA_PER_MM: f64 = 24.0;

/// The sole of one foot as a grid of contact nodes.
///
/// Nodes lie in rows of equal x; within a row y increases. All lengths in mm, stiffness in kPa/mm and kPa/mm².
#[derive(Clone, Debug, PartialEq)]
pub struct FootContact {
    /// From the most posterior heel to the foremost toe.
    pub length_mm: f64,
    /// Width across the ball.
    pub ball_width_mm: f64,
    /// Width of the heel.
    pub heel_width_mm: f64,
    /// Area of sole that a node stands for.
    pub cell_area_mm2: f64,
    /// Node positions in front of the most posterior heel.
    pub x_mm: Vec<f64>,
    /// Node positions to the lateral side of the foot's axis.
    pub y_mm: Vec<f64>,
    /// Node positions across the foot: -1 at the medial border, +1 at the lateral one.
    pub across: Vec<f64>,
    /// Height of the unloaded sole over the ground.
    pub height_mm: Vec<f64>,
    /// How much of the arch's lowering a node follows, 0 to 1.
    pub arch_basis: Vec<f64>,
    /// Linear stiffness of the soft tissue, kPa/mm.
    pub tissue_linear: Vec<f64>,
    /// Hardening of the soft tissue, kPa/mm².
    pub tissue_hardening: Vec<f64>,
    /// Stiffness of the foot's own arch behind the tissue, kPa/mm; infinite outside the arch.
    pub arch_structure: Vec<f64>,
}

/// Why no contact grid could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FootContactError {
    /// A length that no foot has.
    #[error("{name} is {value_mm} mm, expected {low_mm} to {high_mm} mm; check the scan's unit")]
    Length {
        /// Which length.
        name: &'static str,
        /// What was given.
        value_mm: f64,
        /// Shortest accepted.
        low_mm: f64,
        /// Longest accepted.
        high_mm: f64,
    },
    /// Too little of the sole is known.
    #[error(
        "the sole has {nodes} contact nodes, at least {least} are needed; check that the silhouette covers the foot from heel to toes"
    )]
    TooFewNodes {
        /// Nodes found.
        nodes: usize,
        /// Nodes needed.
        least: usize,
    },
}

/// The shape of the synthetic foot on which the model was calibrated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceFoot {
    /// Foot length.
    pub length_mm: f64,
    /// Ball width.
    pub ball_width_mm: f64,
    /// Heel width.
    pub heel_width_mm: f64,
    /// Height of the unloaded medial arch: 28 cavus, 22 normal, 10 planus.
    pub arch_mm: f64,
    /// Distance between nodes.
    pub grid_mm: f64,
}

impl Default for ReferenceFoot {
    fn default() -> Self {
        Self {
            length_mm: 260.0,
            ball_width_mm: 98.0,
            heel_width_mm: 62.0,
            arch_mm: 22.0,
            grid_mm: GRID_MM,
        }
    }
}

/// A contact foot's outer measures.
#[derive(Clone, Copy)]
struct Frame {
    length_mm: f64,
    ball_width_mm: f64,
    heel_width_mm: f64,
    grid_mm: f64,
}

/// One row of a silhouette: its two borders.
#[derive(Clone, Copy)]
struct Borders {
    medial: f64,
    lateral: f64,
}

impl FootContact {
    /// The synthetic foot on which the model was calibrated and is checked (`synth_foot`).
    #[must_use]
    pub fn reference(shape: &ReferenceFoot) -> Self {
        let frame = Frame {
            length_mm: shape.length_mm,
            ball_width_mm: shape.ball_width_mm,
            heel_width_mm: shape.heel_width_mm,
            grid_mm: shape.grid_mm,
        };
        let mut foot = Self::empty(frame);
        for x in stations(frame) {
            let borders = reference_borders(x / frame.length_mm, frame);
            // The reference's columns start 60 mm medial of the axis whatever the spacing.
            for column in 0..=(120.0 / frame.grid_mm).floor() as i32 {
                let y = -60.0 + f64::from(column) * frame.grid_mm;
                if y > borders.medial && y < borders.lateral {
                    let (along, across) = (x / frame.length_mm, across(y, borders));
                    foot.push(x, y, across, reference_height(along, across, shape.arch_mm));
                }
            }
        }
        foot
    }

    /// The sole of a scanned foot, sampled on the 5 mm grid.
    ///
    /// `height_at(x, y)` is the height in mm of the **unloaded** sole over the ground at x mm in front of the
    /// most posterior heel and y mm lateral of the foot's axis, `None` outside the silhouette; for a scan under
    /// load see [`Self::scanned_under`]. Borders are sought to 0.5 mm.
    ///
    /// # Errors
    /// [`FootContactError`] if a measure is not one of a foot or fewer than 100 nodes lie inside.
    pub fn from_heights(
        length_mm: f64,
        ball_width_mm: f64,
        heel_width_mm: f64,
        height_at: impl Fn(f64, f64) -> Option<f64>,
    ) -> Result<Self, FootContactError> {
        for (name, value_mm, low_mm, high_mm) in [
            ("foot length", length_mm, 80.0, 400.0),
            ("ball width", ball_width_mm, 30.0, 180.0),
            ("heel width", heel_width_mm, 20.0, 130.0),
        ] {
            if !(low_mm..=high_mm).contains(&value_mm) {
                return Err(FootContactError::Length { name, value_mm, low_mm, high_mm });
            }
        }
        let frame = Frame { length_mm, ball_width_mm, heel_width_mm, grid_mm: GRID_MM };
        let mut foot = Self::empty(frame);
        for x in stations(frame) {
            let Some(borders) = borders_of(|y| height_at(x, y).is_some()) else { continue };
            let first = (borders.medial / GRID_MM).ceil() as i32;
            let last = (borders.lateral / GRID_MM).floor() as i32;
            for column in first..=last {
                let y = f64::from(column) * GRID_MM;
                if let Some(height) = height_at(x, y).filter(|height| height.is_finite()) {
                    foot.push(x, y, across(y, borders), height);
                }
            }
        }
        let (nodes, least) = (foot.len(), 100);
        if nodes < least { Err(FootContactError::TooFewNodes { nodes, least }) } else { Ok(foot) }
    }

    /// Raises the arch by what a load of `body_weights` on this foot had lowered it during the scan.
    ///
    /// 0 for a hanging foot, 0.5 for standing on both feet.
    #[must_use]
    pub fn scanned_under(mut self, body_weights: f64) -> Self {
        let lowered = Parameters::default().arch_flattening_mm * body_weights.clamp(0.0, 1.2);
        for (height, basis) in self.height_mm.iter_mut().zip(&self.arch_basis) {
            *height += lowered * basis;
        }
        self
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x_mm.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.x_mm.is_empty()
    }

    /// Position of a node along the foot: 0 at the heel, 1 at the toes.
    #[must_use]
    pub fn along(&self, node: usize) -> f64 {
        self.x_mm[node] / self.length_mm
    }

    /// Whether a node belongs to the medial arch, for which arch pressure is reported.
    #[must_use]
    pub fn in_arch(&self, node: usize) -> bool {
        self.arch_basis[node] > ARCH_BASIS_LEAST
    }

    fn empty(frame: Frame) -> Self {
        Self {
            length_mm: frame.length_mm,
            ball_width_mm: frame.ball_width_mm,
            heel_width_mm: frame.heel_width_mm,
            cell_area_mm2: frame.grid_mm * frame.grid_mm,
            x_mm: Vec::new(),
            y_mm: Vec::new(),
            across: Vec::new(),
            height_mm: Vec::new(),
            arch_basis: Vec::new(),
            tissue_linear: Vec::new(),
            tissue_hardening: Vec::new(),
            arch_structure: Vec::new(),
        }
    }

    fn push(&mut self, x: f64, y: f64, across: f64, height: f64) {
        let along = x / self.length_mm;
        let basis = arch_bell(along) * medial_weight(across);
        let (linear, hardening) = tissue(along);
        self.x_mm.push(x);
        self.y_mm.push(y);
        self.across.push(across);
        self.height_mm.push(height);
        self.arch_basis.push(basis);
        self.tissue_linear.push(linear);
        self.tissue_hardening.push(hardening);
        let arch = if basis > ARCH_BASIS_LEAST { ARCH_STRUCTURE_KPA_PER_MM } else { f64::INFINITY };
        self.arch_structure.push(arch);
    }
}

/// The x of every row: half a cell, then whole cells, up to the toes.
fn stations(frame: Frame) -> impl Iterator<Item = f64> {
    // The first station of the reference grid is 2.5 mm whatever the spacing.
    (0..)
        .map(move |row| 2.5 + f64::from(row) * frame.grid_mm)
        .take_while(move |x| *x < frame.length_mm)
}

/// How strongly the arch's height shows along the foot.
fn arch_bell(along: f64) -> f64 {
    (-((along - 0.44) / 0.155).powi(2)).exp()
}

/// How strongly the arch's height shows across the foot: 1 medially, 0 laterally.
fn medial_weight(across: f64) -> f64 {
    1.0 / (1.0 + ((across + 0.12) / 0.22).exp())
}

/// Tissue stiffness (kPa/mm) and hardening (kPa/mm²) of heel pad, metatarsal heads, toes and midfoot.
fn tissue(along: f64) -> (f64, f64) {
    if along < 0.24 {
        (12.0, 2.7)
    } else if along > 0.60 && along < 0.78 {
        (20.0, 5.0)
    } else {
        (14.0, 2.5)
    }
}

fn across(y: f64, borders: Borders) -> f64 {
    let half = 0.5 * (borders.lateral - borders.medial);
    if half > 0.1 { (y - 0.5 * (borders.medial + borders.lateral)) / half } else { 0.0 }
}

/// The outermost y with sole, to 0.5 mm, up to 100 mm from the axis.
fn borders_of(inside: impl Fn(f64) -> bool) -> Option<Borders> {
    let at = |half_millimeters: i32| f64::from(half_millimeters) * 0.5;
    let medial = (-200..=200).map(at).find(|y| inside(*y))?;
    let lateral = (-200..=200).rev().map(at).find(|y| inside(*y))?;
    Some(Borders { medial, lateral })
}

/// Outline of the synthetic foot: borders in widths at stations in foot lengths.
fn reference_borders(along: f64, frame: Frame) -> Borders {
    const ALONG: [f64; 13] =
        [0.0, 0.03, 0.08, 0.15, 0.25, 0.40, 0.55, 0.66, 0.72, 0.80, 0.88, 0.95, 1.0];
    const HEEL_MEDIAL: [f64; 5] = [-0.15, -0.36, -0.47, -0.50, -0.47];
    const BALL_MEDIAL: [f64; 8] = [-0.40, -0.45, -0.54, -0.54, -0.46, -0.38, -0.28, -0.08];
    const HEEL_LATERAL: [f64; 5] = [0.15, 0.36, 0.47, 0.50, 0.54];
    const BALL_LATERAL: [f64; 8] = [0.40, 0.44, 0.46, 0.44, 0.38, 0.28, 0.16, 0.02];
    let border = |heel: &[f64; 5], ball: &[f64; 8], station: usize| {
        if station < 5 {
            heel[station] * frame.heel_width_mm
        } else {
            ball[station - 5] * frame.ball_width_mm
        }
    };
    let next = ALONG.partition_point(|station| *station <= along).clamp(1, ALONG.len() - 1);
    let share = ((along - ALONG[next - 1]) / (ALONG[next] - ALONG[next - 1])).clamp(0.0, 1.0);
    let between = |heel, ball| {
        let (from, to) = (border(heel, ball, next - 1), border(heel, ball, next));
        from + (to - from) * share
    };
    Borders {
        medial: between(&HEEL_MEDIAL, &BALL_MEDIAL),
        lateral: between(&HEEL_LATERAL, &BALL_LATERAL),
    }
}

/// Roll-up of the synthetic foot's edge and heel, mm.
#[must_use]
pub fn edge_roll_mm(along: f64, across: f64) -> f64 {
    6.0 * across.powi(4) + 4.0 * ((0.06 - along) / 0.06).clamp(0.0, 1.0).powi(2)
}

/// Unloaded sole of the synthetic foot, mm.
fn reference_height(along: f64, across: f64, arch_mm: f64) -> f64 {
    let (bell, medial) = (arch_bell(along), medial_weight(across));
    let sulcus = 4.0 * (-((along - 0.80) / 0.03).powi(2)).exp();
    let toe_pads = 1.5 * (-((along - 0.885) / 0.05).powi(2)).exp();
    edge_roll_mm(along, across)
        + arch_mm * bell * medial
        + 3.5 * bell * (1.0 - medial)
        + sulcus
        + toe_pads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_foot_has_738_nodes() {
        let foot = FootContact::reference(&ReferenceFoot::default());
        assert_eq!(foot.len(), 738);
        assert!(foot.x_mm.is_sorted());
    }

    #[test]
    fn sampling_the_reference_gives_the_reference() {
        let frame =
            Frame { length_mm: 260.0, ball_width_mm: 98.0, heel_width_mm: 62.0, grid_mm: 5.0 };
        let sampled = FootContact::from_heights(260.0, 98.0, 62.0, |x, y| {
            let borders = reference_borders(x / 260.0, frame);
            (y > borders.medial && y < borders.lateral)
                .then(|| reference_height(x / 260.0, across(y, borders), 22.0))
        })
        .unwrap();
        let reference = FootContact::reference(&ReferenceFoot::default());
        assert_eq!(sampled.x_mm, reference.x_mm);
        assert_eq!(sampled.y_mm, reference.y_mm);
        assert_eq!(sampled.height_mm, reference.height_mm);
        for (a, b) in sampled.arch_basis.iter().zip(&reference.arch_basis) {
            assert!((a - b).abs() < 0.08, "borders are sought to 0.5 mm: {a} {b}");
        }
    }

    #[test]
    fn a_scan_under_load_gets_its_arch_back() {
        let foot = FootContact::reference(&ReferenceFoot::default());
        let raised = foot.clone().scanned_under(0.5);
        for node in 0..foot.len() {
            let gained = raised.height_mm[node] - foot.height_mm[node];
            assert!((gained - 3.0 * foot.arch_basis[node]).abs() < 1e-12);
        }
    }

    #[test]
    fn feet_that_are_none_are_refused() {
        let everywhere = |_: f64, _: f64| Some(0.0);
        let meters = FootContact::from_heights(0.26, 0.098, 0.062, everywhere);
        assert!(meters.unwrap_err().to_string().contains("foot length is 0.26 mm"));
        let nowhere = FootContact::from_heights(260.0, 98.0, 62.0, |_, _| None);
        assert_eq!(nowhere, Err(FootContactError::TooFewNodes { nodes: 0, least: 100 }));
    }
}
