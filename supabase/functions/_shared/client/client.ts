/** Everything that the package `semantic-analysis-client` exports. */

export { analysePicture } from "./analyse-picture.ts";
export {
  type AnalysisQueue,
  type AnalysisQueueOptions,
  createAnalysisQueue,
  type QueueProgress,
} from "./analysis-queue.ts";
export { type AnalysisEvent, streamAnalysis } from "./stream-analysis.ts";
export type { AnalysePictureOptions } from "./call/call-options.ts";
export type { FunctionsClient } from "./call/invoke-analysis.ts";
export * from "./contract.ts";
export { describeError, type DescribeErrorOptions, type ErrorMessage } from "./describe-error.ts";
export * from "./errors.ts";
export * from "./material.ts";
export type {
  AnalysisRequest,
  PictureBytes,
  PictureSource,
  PictureWithColors,
} from "./picture/picture-source.ts";
export {
  type PictureFacts,
  type PreparedPicture,
  preparePicture,
  type PreparePictureOptions,
} from "./picture/prepare-picture.ts";
export { sendFeedback, type SendFeedbackOptions } from "./send-feedback.ts";
export type {
  ComparedEmbeddings,
  SearchFiltersBody,
  SearchMetadata,
  SearchRequestBody,
  SearchResponseBody,
  SearchResult,
  SearchType,
} from "./search/search-contract.ts";
export {
  searchMaterials,
  type SearchMaterialsOptions,
  type SearchRequest,
} from "./search/search-materials.ts";
export { toVisualAnalysisRow, type VisualAnalysisRow } from "./visual-analysis-row.ts";
