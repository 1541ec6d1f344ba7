//! End-to-end suites: what the program promises, tested from outside.
