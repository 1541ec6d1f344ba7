use vocabulary::Angle;

use crate::ShellError;

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

/// Refuses lab habits that would break the construction.
pub(crate) fn check(settings: &ShellSettings) -> Result<(), ShellError> {
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
