//! What must hold for any bytes; shared by the mutation test and the fuzz targets.

use scan::{ScanLimits, ScanRequest, read_scan};
use vocabulary::Findings;

/// So small that a file that multiplies itself meets the limit within milliseconds.
const LIMITS: ScanLimits = ScanLimits {
    max_triangles: 20_000,
    max_points: 20_000,
    max_unpacked_bytes: 1 << 20,
    max_nesting: 16,
    max_non_finite_share: 0.01,
    max_hole_mm: 5.0,
    min_piece_share: 0.002,
    min_kept_share: 0.5,
};

/// Reads the bytes.
///
/// # Panics
/// If the answer is not sound.
pub(crate) fn check(bytes: &[u8]) {
    let mut findings = Findings::new();
    let request = ScanRequest { unit: None, limits: LIMITS };
    match read_scan(bytes, &request, &mut findings) {
        Ok(scan) => {
            let mesh = &scan.mesh;
            assert!(!mesh.triangles.is_empty() && !scan.pieces.is_empty());
            assert!(mesh.triangles.len() < 8 * LIMITS.max_triangles);
            assert!(mesh.vertices.iter().all(|p| p.coords.iter().all(|c| c.is_finite())));
            assert!((80.0..=2000.0).contains(&scan.longest_extent_mm));
            let (mut vertex, mut triangle) = (0, 0);
            for piece in &scan.pieces {
                assert_eq!((piece.vertices.start, piece.triangles.start), (vertex, triangle));
                (vertex, triangle) = (piece.vertices.end, piece.triangles.end);
                assert_eq!(piece.filled.end, piece.triangles.end);
                assert!(piece.filled.start >= piece.triangles.start && piece.area_mm2 > 0.0);
                for corners in &mesh.triangles[piece.triangles.clone()] {
                    let is_own = |corner: &u32| piece.vertices.contains(&(*corner as usize));
                    assert!(corners.iter().all(is_own), "{corners:?}");
                }
            }
            assert_eq!((vertex, triangle), (mesh.vertices.len(), mesh.triangles.len()));
        }
        Err(error) => {
            let message = error.to_string();
            assert!(!message.contains('\n') && message.len() < 400, "{message}");
        }
    }
    assert!(findings.iter().count() < 20);
}
