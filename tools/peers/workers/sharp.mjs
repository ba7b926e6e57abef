// sharp. Started with NODE_PATH naming the folder it is installed in, and the number of threads for a picture.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const sharp = createRequire(path.join(process.env.NODE_PATH, 'x'))('sharp');
sharp.concurrency(Number(process.argv[2] ?? 1));
sharp.cache(false);

const kinds = {
    thumbnail: (image, { width }) => image.resize(width),
    crop: (image, { width, height }) => image.resize(width, height, { fit: 'cover' }).sharpen({ sigma: 1 }),
    tile: (image, { left, top, width, height }) => image.extract({ left, top, width, height }),
    recode: (image) => image,
};

const formats = {
    jpeg: (image, { quality }) => image.jpeg({ quality }),
    webp: (image, { quality }) => image.webp({ quality }),
    png: (image) => image.png(),
    png8: (image) => image.png({ palette: true }),
};

const make = (job) => {
    const image = kinds[job.kind](sharp(job.file, { limitInputPixels: false }), job);
    return formats[job.format](image, job).toBuffer();
};

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

say({ version: `${sharp.versions.sharp}, libvips ${sharp.versions.vips}, node ${process.versions.node}` });
for await (const text of readline.createInterface({ input: process.stdin })) {
    const job = JSON.parse(text);
    try {
        let output;
        const start = process.hrtime.bigint();
        for (let i = 0; i < job.repeat; i += 1) output = await make(job);
        const taken = Number(process.hrtime.bigint() - start);
        if (job.out) fs.writeFileSync(job.out, output);
        say({ ns: taken, bytes: output.length });
    } catch (error) {
        say({ error: String(error) });
    }
}
