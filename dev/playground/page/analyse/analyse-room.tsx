import { Limits } from "../project/limits-view.tsx";
import { StandInNotice } from "../project/stand-in.tsx";
import { Answer } from "./answer.tsx";
import { PicturePicker } from "./picture-picker.tsx";
import { PictureView } from "./picture-view.tsx";
import { QuestionForm } from "./question-form.tsx";
import { analyse, isBusy, question, run } from "./run.ts";

/** A picture on the one side, what it is on the other. */
export function AnalyseRoom() {
  if (!run.value) {
    return (
      <section class="welcome">
        <h1 class="display">What is it made of?</h1>
        <p class="lead">
          Give it a picture of a material: wood, stone, textile, metal. It comes back as a
          description, as properties to search by, and with a confidence that says where it is from.
        </p>
        <PicturePicker isCompact={false} onPicture={analyse} />
        <QuestionForm />
        <StandInNotice />
      </section>
    );
  }
  const { picture } = run.value;
  const isAnother = run.value.question !== question.value;
  return (
    <div class="analyse">
      <h1 class="visually-hidden">Analysis of {picture.name}</h1>
      <PictureView run={run.value} />
      <Answer run={run.value} />
      <section class="analyse-next" aria-label="What to ask next">
        <PicturePicker isCompact onPicture={analyse} />
        <div class="ask-again">
          <QuestionForm />
          {!isBusy(run.value) && (isAnother || run.value.phase !== "done") && (
            <button
              class="button is-small"
              type="button"
              onClick={() => analyse(picture)}
            >
              Ask again
            </button>
          )}
        </div>
        <Limits />
      </section>
    </div>
  );
}
