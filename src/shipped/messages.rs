//! Messages about the labs in the binary, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// Messages about the labs in the binary.
    pub enum Said in "shipped" {
        Ships { name: Text }
            en "did you mean {name}? This lab ships with peerlab: give its name alone"
            zh "您要指定的是{name}吗？它是peerlab自带的实验：只需给出名称";
        DidYouMean { name: Text } en "did you mean {name}, which ships with peerlab?" zh "您要指定的是peerlab自带的{name}吗？";
        GiveFileOrName
            en "give the path of a lab file, or the name of a lab that ships with peerlab: `peerlab labs` lists them"
            zh "请指定实验文件的路径，或peerlab自带实验的名称：`peerlab labs`会列出它们";
        Unknown { name: Text } en "no lab {name} ships with peerlab" zh "peerlab没有自带名为{name}的实验";
        LabsLists en "`peerlab labs` lists those that do" zh "`peerlab labs`会列出自带的实验";
    }
}
