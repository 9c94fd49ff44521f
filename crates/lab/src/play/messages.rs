//! Messages about steps while they are played, in both languages.

use crate::message::name::Lab;
use crate::message::{Message, Number, Text};
use crate::messages;

messages! {
    /// A step cannot be done.
    pub(crate) enum Said in "step" {
        ByHand { operation: Text } en "By hand: {operation}" zh "手动：{operation}";
        NoSuchStep { lab: Lab, step: Number } en "{lab} has no step {step}" zh "{lab}没有步骤{step}";
        HasSteps { steps: Number } en "it has {steps} steps" zh "它有{steps}个步骤";
        StepWouldBeRefused { step: Number, why: Message }
            en "step {step}, which comes after `until`, would be refused: {why}"
            zh "`until`之后的步骤{step}会被拒绝：{why}";
        RefusedOtherwise { wanted: Text, code: Text }
            en "the step must be refused with {wanted}, and the cloud refused it with {code}"
            zh "该步骤应被拒绝并返回{wanted}，而实际返回的是{code}";
        MessageAndHint { message: Message, hint: Message } en "{message}; {hint}" zh "{message}；{hint}";
        NotRefused { code: Text }
            en "the step must be refused with {code}, and the cloud allowed it"
            zh "该步骤应被拒绝并返回{code}，而实际已允许";
        LeaveRefusedOut
            en "leave refused out, or let the step do what the cloud refuses"
            zh "请去掉refused，或让该步骤执行会被拒绝的操作";
        ThisWasCalled en "this was called" zh "执行的是此操作";
    }
}
