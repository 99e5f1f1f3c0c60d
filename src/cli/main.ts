import { execute, orHelp } from "./execute.ts";
import { createProgram } from "./program.ts";

const program = createProgram();
const code = await execute(program, orHelp(program, process.argv.slice(2)));
if (code !== 0) process.exitCode = code;
