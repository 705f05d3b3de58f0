import { program } from "./main/program.js";

await program(process.argv.slice(2));
