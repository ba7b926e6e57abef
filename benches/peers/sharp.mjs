// Platemark against sharp: bytes in memory to JPEG of quality 80, one thread each, run by run in turns.
//
//   npm install --prefix /tmp/peers sharp        (or anywhere else)
//   NODE_PATH=/tmp/peers/node_modules node benches/peers/sharp.mjs FOLDER [--rounds 15] [--only NAME]
//
// FOLDER holds JPEG files; `make_assets -- FOLDER 18 50` draws some. Times are medians in milliseconds, the ratio is the
// median of the ratios of the rounds. Platemark serves whole requests: look-up, look at the file's status, mapping,
// decoding, drawing, encoding. The digest is remembered; decoders start anew unless the case says otherwise.
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const sharp = createRequire(path.join(process.env.NODE_PATH ?? '.', 'x'))('sharp');
sharp.concurrency(1);
sharp.cache(false);

const args = process.argv.slice(2);
const option = (name, value) => {
    const at = args.indexOf(name);
    return at < 0 ? value : args.splice(at, 2)[1];
};
const rounds = Number(option('--rounds', 15));
const only = option('--only', '');
const folder = path.resolve(args[0] ?? '.');

/** Our side: a process that does a job for each line it is sent. */
class Worker {
    constructor(folder) {
        const build = ['bench', '--bench', 'peers', '--features', 'internals', '--no-run', '--message-format', 'json'];
        const { status, stdout } = spawnSync('cargo', build, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
        if (status !== 0) throw new Error('the worker does not build: cargo bench --bench peers --features internals');
        const made = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
        const program = made.find((line) => line.target?.name === 'peers' && line.executable)?.executable;
        this.process = spawn(program, [folder], { stdio: ['pipe', 'pipe', 'inherit'] });
        this.answers = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    }

    async run(line) {
        this.process.stdin.write(`${line}\n`);
        const { value, done } = await this.answers.next();
        if (done) throw new Error(`the worker ended at: ${line}`);
        return Number(value.split(' ')[0]) / 1e6;
    }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function timed(work) {
    const start = process.hrtime.bigint();
    await work();
    return Number(process.hrtime.bigint() - start) / 1e6;
}

/** A case: for which files, what sharp does, and the request or job that is ours. */
const jpeg = (image) => image.jpeg({ quality: 80 }).toBuffer();
const tile = ({ width, height }) => ({
    left: Math.min(2000, width - 512),
    top: Math.min(1000, height - 512),
    width: 512,
    height: 512,
});
const thumbnail = (width, mode, engine = 0) => ({
    sharp: ({ bytes }) => jpeg(sharp(bytes).resize(width)),
    ours: ({ name }) => `serve ${engine} /is/image/${name}?wid=${width}&qlt=80&resMode=${mode} -`,
});
const cases = {
    '400 px, bilin, baseline': { kind: 'baseline', ...thumbnail(400, 'bilin') },
    '400 px, sharp2, baseline': { kind: 'baseline', ...thumbnail(400, 'sharp2') },
    '400 px, bilin, progressive': { kind: 'progressive', ...thumbnail(400, 'bilin') },
    '400 px, sharp2, progressive': { kind: 'progressive', ...thumbnail(400, 'sharp2') },
    '1600 px, bilin, baseline': { kind: 'baseline', ...thumbnail(1600, 'bilin') },
    '1600 px, sharp2, baseline': { kind: 'baseline', ...thumbnail(1600, 'sharp2') },
    ...Object.fromEntries(
        [0, 1].flatMap((engine) => ['baseline', 'progressive'].map((kind) => [
            `tile at full size, ${kind}, ${engine ? 'again' : 'first'}`,
            {
                kind,
                sharp: (file) => jpeg(sharp(file.bytes).extract(tile(file))),
                ours: (file) => {
                    const { left, top } = tile(file);
                    return `serve ${engine} /is/image/${file.name}?scl=1&rect=${left},${top},512,512&qlt=80 -`;
                },
            },
        ])),
    ),
    'all pixels as RGB': {
        kind: 'baseline',
        sharp: ({ bytes }) => sharp(bytes).raw().toBuffer(),
        ours: ({ path }) => `pixels ${path}`,
    },
    '300 px, bilin, again': { kind: '', ...thumbnail(300, 'bilin', 1) },
};

const worker = new Worker(folder);
const files = [];
for (const name of fs.readdirSync(folder).filter((name) => /\.jpe?g$/.test(name)).sort()) {
    const bytes = fs.readFileSync(path.join(folder, name));
    const { width, height, isProgressive } = await sharp(bytes).metadata();
    if (width * height >= 8e6) {
        const kind = isProgressive ? 'progressive' : 'baseline';
        files.push({ name, path: path.join(folder, name), bytes, width, height, kind });
    }
}
console.log(`sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}; ${os.cpus()[0].model}; ${rounds} rounds`);
for (const [title, { kind, sharp: theirs, ours }] of Object.entries(cases)) {
    if (!title.includes(only)) continue;
    const ratios = [];
    console.log(`\n| ${title} | sharp ms | platemark ms | ratio |\n|---|---|---|---|`);
    for (const file of files.filter((file) => !kind || file.kind === kind)) {
        const times = { sharp: [], ours: [] };
        for (let round = -1; round < rounds; round += 1) {
            const pair = [await timed(() => theirs(file)), await worker.run(ours(file))];
            // The first is to warm up.
            if (round >= 0) {
                times.sharp.push(pair[0]);
                times.ours.push(pair[1]);
            }
        }
        const ratio = median(times.ours.map((time, i) => time / times.sharp[i]));
        ratios.push(ratio);
        const row = [file.name, median(times.sharp).toFixed(1), median(times.ours).toFixed(2), ratio.toFixed(3)];
        console.log(`| ${row.join(' | ')} |`);
    }
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    console.log(`| **geometric mean** | | | **${mean.toFixed(3)}** |`);
}
worker.process.stdin.end();
