export { type Block, BlockReader, BlockWriter, makeAxis } from './block.ts';
export { ByteReader, ByteWriter, corrupt } from './bytes.ts';
export type { Axis } from './chunk.ts';
export { Downsampler, summarise, type Summary } from './downsample.ts';
export { metricOf, seriesKey, subjectIdOf } from './metrics.ts';
export { decodeRollup, encodeRollup } from './rollup.ts';
export { Samples } from './samples.ts';
export { answer, createSeries, visitBlock } from './series.ts';
export type { Names, SampleVisitor, SealedBlock, Series, SeriesOptions } from './types.ts';
