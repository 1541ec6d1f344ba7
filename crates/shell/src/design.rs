use vocabulary::{Angle, Findings, Mm};

/// What is ordered for one foot, all decided.
///
/// Signs are anatomical (`product.md`): posts + lateral (valgus), - medial (varus). Three arch fields are kept
/// apart because labs mean different things by "fill": [`Self::arch_fraction`] and [`Self::cast_fill`] here, and
/// filler under the shell, which is not part of this surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Wedge under the heel; the heel seat is tilted by this angle.
    pub rearfoot_post: Angle,
    /// Wedge at the distal edge of the shell.
    pub forefoot_post: Angle,
    /// Share of the foot's loaded arch clearance that the shell fills, 0 to 1.
    pub arch_fraction: f64,
    /// Material added to the arch of the positive: more of it *lowers* the arch of the device, less than none
    /// (tight to the arch) raises it.
    pub cast_fill: Mm,
    /// From the lowest point of the heel seat up to the posterior rim, before any cover.
    pub heel_cup_depth: Mm,
    /// Raise of the heel, which tapers to the ball.
    pub heel_lift: Mm,
    /// Depth of a Kirby skive; it raises the medial side of the device's heel cup.
    pub medial_skive: Mm,
    /// Widening of the heel cup to the lateral side.
    pub lateral_expansion: Mm,
    /// Distance between top and bottom.
    pub thickness: Mm,
}

impl Default for Design {
    /// A neutral device: no posts, 14 mm cup (`ProLab` standard, `domain.md` 1.1), 3.2 mm thick (`CLab`, up to 77 kg).
    fn default() -> Self {
        Self {
            rearfoot_post: Angle::ZERO,
            forefoot_post: Angle::ZERO,
            arch_fraction: 0.8,
            cast_fill: Mm(0.0),
            heel_cup_depth: Mm(14.0),
            heel_lift: Mm(0.0),
            medial_skive: Mm(0.0),
            lateral_expansion: Mm(0.0),
            thickness: Mm(3.2),
        }
    }
}

/// Habits of the lab that shape every shell. Lengths in mm unless a field says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShellSettings {
    /// Distal edge, proximal to the first metatarsal head (Allied OSI: 12).
    pub distal_edge_behind_first_head: f64,
    /// Distal edge, proximal to the fifth metatarsal head (Allied OSI: 10).
    pub distal_edge_behind_fifth_head: f64,
    /// How far the middle of the distal edge bulges forward of the straight line.
    pub distal_edge_bulge: f64,
    /// Size of the rounding of the two distal corners; their radius is about 0.85 of it.
    pub corner_blend: f64,
    /// Least width of the rim's horizontal land; never narrower than the shell is thick.
    pub rim_land: f64,
    /// Height over which the wall rounds into the land.
    pub rim_blend: f64,
    /// Steepest slope of the wall inside the cup.
    pub steepest_wall: Angle,
    /// Height of the lateral rim over the heel seat in the midfoot.
    pub lateral_wall: f64,
    /// Height of both rims over the sole near the distal edge.
    pub distal_wall: f64,
    /// Highest medial rim over the heel seat in the arch.
    pub medial_wall_limit: f64,
    /// Medial edge at the distal corner, lateral of the medial border of the ball, as a share of the ball's width:
    /// the bisection of the first metatarsal ("regular" grind of Allied OSI).
    pub first_ray_bisection: f64,
    /// Sinking of the navicular under body weight (`knee-model.md` 2.4, `a_nav` = 6 mm).
    pub navicular_drop: f64,
    /// Slope of a medial skive's plane (Kirby: 15 degrees).
    pub skive_plane: Angle,
    /// Depth to which the underside of the heel seat is flat even without a post.
    pub seat_flat: f64,
    /// Slope of a post's sides.
    pub post_bevel: Angle,
    /// Rounding between a post's contact face and its sides.
    pub post_rounding: f64,
    /// Length of the forefoot post along y, from the distal edge.
    pub forefoot_strip: f64,
    /// Smallest concave radius of the top: a 6 mm ball-nose (radius 3) reaches everywhere.
    pub concave_radius: f64,
    /// Standard deviation of the smoothing of the scanned sole.
    pub sole_smoothing: f64,
    /// Spacing of the spline knots.
    pub knot_spacing: f64,
}

impl Default for ShellSettings {
    fn default() -> Self {
        Self {
            distal_edge_behind_first_head: 12.0,
            distal_edge_behind_fifth_head: 10.0,
            distal_edge_bulge: 3.0,
            corner_blend: 22.0,
            rim_land: 2.0,
            rim_blend: 3.0,
            steepest_wall: Angle::from_deg(60.0),
            lateral_wall: 6.0,
            distal_wall: 3.0,
            medial_wall_limit: 24.0,
            first_ray_bisection: 0.10,
            navicular_drop: 6.0,
            skive_plane: Angle::from_deg(15.0),
            seat_flat: 0.6,
            post_bevel: Angle::from_deg(55.0),
            post_rounding: 4.0,
            forefoot_strip: 15.0,
            concave_radius: 3.2,
            sole_smoothing: 1.5,
            knot_spacing: 2.0,
        }
    }
}

/// Why no shell could be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShellError {
    /// A dose outside what the program makes.
    #[error("{key} = {value} is outside {low} to {high}; {way_out}")]
    OutOfRange {
        /// Key of the prescription, with its unit.
        key: &'static str,
        /// What was ordered.
        value: f64,
        /// Smallest dose.
        low: f64,
        /// Largest dose.
        high: f64,
        /// What to do.
        way_out: &'static str,
    },
    /// A lab habit that is no usable number.
    #[error("shell setting {key} = {value} is outside {low} to {high}; correct the lab profile")]
    Setting {
        /// Name of the setting.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Smallest value.
        low: f64,
        /// Largest value.
        high: f64,
    },
    /// The foot's map or landmarks cannot carry a shell.
    #[error("the foot cannot carry a shell: {reason}; check the scan and its landmarks")]
    Foot {
        /// What is wrong, with its numbers.
        reason: String,
    },
    /// The trim line came out with a loop, a kink or outside the foot.
    #[error(
        "the trim line would have a radius of {radius:.1} mm near x = {x:.0}, y = {y:.0} mm; check the landmarks of the ball"
    )]
    Outline {
        /// Smallest radius, mm; 0 for a loop.
        radius: f64,
        /// Its place.
        x: f64,
        /// Its place.
        y: f64,
    },
    /// The fitted surfaces come closer than ordered.
    #[error(
        "the shell would be only {found:.2} mm thick near x = {x:.0}, y = {y:.0} mm where {ordered:.2} mm are ordered; lower the cup or choose a thinner shell"
    )]
    Thin {
        /// Thinnest place, mm.
        found: f64,
        /// Ordered thickness, mm.
        ordered: f64,
        /// Its place.
        x: f64,
        /// Its place.
        y: f64,
    },
    /// The heights could not be turned into a spline surface.
    #[error("the shell's surface could not be fitted: {0}")]
    Fit(#[from] geometry::FitError),
}

/// One dose's hard limits.
struct Limit {
    key: &'static str,
    value: f64,
    low: f64,
    high: f64,
    way_out: &'static str,
}

/// Refuses doses outside the hard limits and warns about unusual ones.
///
/// Limits: `domain.md` 1.1 and 1.3 (Vertex ±8 rearfoot, `KevinRoot` cup depths, `ProLab`-190 skive and cup).
pub(crate) fn check(design: &Design, findings: &mut Findings) -> Result<(), ShellError> {
    for Limit { key, value, low, high, way_out } in limits(design) {
        // Degrees that went through radians come back a rounding error off.
        if !(low - 1e-9..=high + 1e-9).contains(&value) {
            return Err(ShellError::OutOfRange { key, value, low, high, way_out });
        }
    }
    warn_about_unusual(design, findings);
    Ok(())
}

fn limits(design: &Design) -> [Limit; 9] {
    let limit = |key, value, low, high, way_out| Limit { key, value, low, high, way_out };
    [
        limit(
            "rearfoot_post_deg",
            design.rearfoot_post.deg(),
            -8.0,
            8.0,
            "order a smaller rearfoot post",
        ),
        limit(
            "forefoot_post_deg",
            design.forefoot_post.deg(),
            -5.0,
            6.0,
            "order a smaller forefoot post",
        ),
        limit("arch_fraction", design.arch_fraction, 0.0, 1.0, "give a share between 0 and 1"),
        limit(
            "cast_fill_mm",
            design.cast_fill.0,
            -3.0,
            12.7,
            "order at most the maximum dressing, or lower arch_fraction",
        ),
        limit(
            "heel_cup_depth_mm",
            design.heel_cup_depth.0,
            6.0,
            20.0,
            "order a cup between shallow (6) and extra deep (20)",
        ),
        limit(
            "heel_lift_mm",
            design.heel_lift.0,
            0.0,
            12.0,
            "put the rest of the lift under the shoe",
        ),
        limit("medial_skive_mm", design.medial_skive.0, 0.0, 6.0, "order a skive of at most 6"),
        limit(
            "lateral_expansion_mm",
            design.lateral_expansion.0,
            0.0,
            8.0,
            "order an expansion of at most 8",
        ),
        limit(
            "thickness_mm",
            design.thickness.0,
            2.0,
            6.0,
            "choose a material sheet between 2 and 6",
        ),
    ]
}

fn warn_about_unusual(design: &Design, findings: &mut Findings) {
    let (rearfoot, forefoot) = (design.rearfoot_post.deg(), design.forefoot_post.deg());
    let (skive, cup) = (design.medial_skive.0, design.heel_cup_depth.0);
    if (rearfoot - forefoot).abs() > 4.0 + 1e-9 {
        findings.warn("shell", "post-twist", format!("the posts twist the shell by {:.1} degrees (rearfoot {rearfoot:.1}, forefoot {forefoot:.1}); keep the difference within 4", (rearfoot - forefoot).abs()));
    }
    if rearfoot.abs() > 6.0 {
        findings.warn("shell", "post-large", format!("a rearfoot post of {rearfoot:.1} degrees is more than the customary 6; check that the shoe has room"));
    }
    if skive > 0.0 && cup < 14.0 && !(cup >= 10.0 && skive <= 2.0) {
        findings.warn("shell", "skive-cup", format!("a {skive:.1} mm skive wants a heel cup of at least 14 mm (10 mm for 2 mm of skive), {cup:.1} mm is ordered; deepen the cup or reduce the skive"));
    }
    if skive > 4.0 {
        findings.warn(
            "shell",
            "skive-large",
            format!("a {skive:.1} mm skive is more than the usual 4; check the heel for soreness"),
        );
    }
    if design.heel_lift.0 > 9.5 {
        findings.warn("shell", "lift-large", format!("a heel lift of {:.1} mm is more than the 9.5 mm that fit into a shoe; consider raising the shoe", design.heel_lift.0));
    }
}

/// Refuses lab habits that would break the construction.
pub(crate) fn check_settings(settings: &ShellSettings) -> Result<(), ShellError> {
    let ranges = [
        ("distal_edge_behind_first_head", settings.distal_edge_behind_first_head, 0.0, 40.0),
        ("distal_edge_behind_fifth_head", settings.distal_edge_behind_fifth_head, 0.0, 40.0),
        ("distal_edge_bulge", settings.distal_edge_bulge, 0.0, 8.0),
        ("corner_blend", settings.corner_blend, 8.0, 30.0),
        ("rim_land", settings.rim_land, 1.0, 8.0),
        ("rim_blend", settings.rim_blend, 1.0, 6.0),
        ("steepest_wall_deg", settings.steepest_wall.deg(), 40.0, 65.0),
        ("lateral_wall", settings.lateral_wall, 2.0, 20.0),
        ("distal_wall", settings.distal_wall, 0.0, 10.0),
        ("medial_wall_limit", settings.medial_wall_limit, 4.0, 30.0),
        ("first_ray_bisection", settings.first_ray_bisection, 0.0, 0.2),
        ("navicular_drop", settings.navicular_drop, 0.0, 15.0),
        ("skive_plane_deg", settings.skive_plane.deg(), 5.0, 30.0),
        ("seat_flat", settings.seat_flat, 0.2, 3.0),
        ("post_bevel_deg", settings.post_bevel.deg(), 30.0, 65.0),
        ("post_rounding", settings.post_rounding, 2.0, 8.0),
        ("forefoot_strip", settings.forefoot_strip, 8.0, 25.0),
        ("concave_radius", settings.concave_radius, 1.0, 6.0),
        ("sole_smoothing", settings.sole_smoothing, 0.5, 5.0),
        ("knot_spacing", settings.knot_spacing, 1.0, 4.0),
    ];
    for (key, value, low, high) in ranges {
        if !(low..=high).contains(&value) {
            return Err(ShellError::Setting { key, value, low, high });
        }
    }
    Ok(())
}
