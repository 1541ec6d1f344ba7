//! Numbers as the three processors of the C3D format write them.

/// The byte order and float format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Little-endian, IEEE floats.
    Intel,
    /// Little-endian, VAX F floats.
    Dec,
    /// Big-endian, IEEE floats.
    Mips,
}

impl Numbers {
    /// From the fourth byte of the parameter section.
    pub(crate) const fn of_processor(code: u8) -> Option<Self> {
        match code {
            84 => Some(Self::Intel),
            85 => Some(Self::Dec),
            86 => Some(Self::Mips),
            _ => None,
        }
    }

    pub(crate) const fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Intel | Self::Dec => u16::from_le_bytes(bytes),
            Self::Mips => u16::from_be_bytes(bytes),
        }
    }

    pub(crate) const fn i16(self, bytes: [u8; 2]) -> i16 {
        self.u16(bytes).cast_signed()
    }

    pub(crate) fn f32(self, bytes: [u8; 4]) -> f32 {
        match self {
            Self::Intel => f32::from_le_bytes(bytes),
            Self::Mips => f32::from_be_bytes(bytes),
            Self::Dec => {
                // A VAX float is an IEEE float with its two words exchanged and an exponent that is greater by 2; exponent 0 is
                // zero, or a reserved operand.
                let [a, b, c, d] = bytes;
                let bits = u32::from_le_bytes([c, d, a, b]);
                if bits & 0x7f80_0000 == 0 {
                    return if bits & 0x8000_0000 == 0 { 0.0 } else { f32::NAN };
                }
                // By way of f64, since the largest exponents would read as infinite.
                let exponent = ((bits >> 23) & 0xff).cast_signed() - 129;
                let fraction = 1.0 + f64::from(bits & 0x007f_ffff) / f64::from(1_u32 << 23);
                let size = fraction * f64::from(exponent).exp2();
                (if bits & 0x8000_0000 == 0 { size } else { -size }) as f32
            }
        }
    }

    /// The two bytes at an offset as `u16`, or `None` behind the end.
    pub(crate) fn u16_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        Some(self.u16(*bytes.get(at..)?.first_chunk()?))
    }

    /// The four bytes at an offset as `f32`, or `None` behind the end.
    pub(crate) fn f32_at(self, bytes: &[u8], at: usize) -> Option<f32> {
        Some(self.f32(*bytes.get(at..)?.first_chunk()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of VAX F floats after the VAX architecture manual.
    #[test]
    fn vax_floats() {
        for (bytes, value) in [
            ([0x80, 0x40, 0x00, 0x00], 1.0),
            ([0x80, 0xc0, 0x00, 0x00], -1.0),
            ([0x60, 0x41, 0x00, 0x00], 3.5),
            ([0x49, 0x41, 0xd0, 0x0f], 3.141_590_118_408_203),
            ([0xf0, 0x7d, 0xc2, 0xbd], 9.999_999_933_815_813e36),
            ([0x08, 0x03, 0xea, 0x1c], 9.999_999_982_455_8e-38),
            ([0x00, 0x00, 0x00, 0x00], 0.0),
        ] {
            let got = f64::from(Numbers::Dec.f32(bytes));
            assert!((got - value).abs() <= value.abs() * 1e-6, "{bytes:x?}: {got} {value}");
        }
    }

    #[test]
    fn byte_orders() {
        assert_eq!(Numbers::Intel.i16([0xfe, 0xff]), -2);
        assert_eq!(Numbers::Mips.i16([0xff, 0xfe]), -2);
        assert_eq!(Numbers::Mips.f32([0x3f, 0x80, 0, 0]), 1.0);
        assert_eq!(Numbers::Intel.f32([0, 0, 0x80, 0x3f]), 1.0);
    }
}
