// A test file's results go through a pipe, and a file that is made to end (`--test-force-exit`) would lose what the pipe
// has not taken yet: which test failed, though not that one did. Written at once instead.
process.stdout._handle?.setBlocking?.(true);
