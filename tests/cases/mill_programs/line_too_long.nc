(expect: line-too-long; grbl)
(Blank: X 60 Y 60 Z 20 mm)
G17 G21 G90 G94 G54
T1
G0 Z8
M3 S12000
G4 P3
G0 X10 Y10
G1 Z-2 F600
G1 Y50                                                                                           F2000
X12
Y10
G0 Z8
M5
M30
