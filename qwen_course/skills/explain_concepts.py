"""The concepts of the skill `explain`: how people ask for them, an explanation in two languages, and words that a right one uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Concept:
    """Hold one concept; a right explanation uses at least one word of the keys of its language."""

    asked_as: str
    plural: bool
    chinese_name: str
    english: str
    chinese: str
    english_keys: tuple[str, ...]
    chinese_keys: tuple[str, ...]


CONCEPTS = {
    "artificial intelligence": Concept(
        "artificial intelligence", False, "人工智能",
        "Artificial intelligence means that computers do things that need thinking when people do them: understanding language, recognising pictures, planning and deciding.",
        "人工智能让计算机完成需要思考的事情，例如理解语言、识别图片、规划和决策。",
        ("thinking", "intelligen", "human", "people",), ("智能", "思考", "计算机",),
    ),
    "machine learning": Concept(
        "machine learning", False, "机器学习",
        "Machine learning means that a program finds rules in examples instead of being told the rules. With more good examples it makes better predictions.",
        "机器学习让程序从例子中自己找到规律，而不是由人写出规则。好的例子越多，预测越准。",
        ("example", "data", "pattern", "rules",), ("数据", "例子", "规律",),
    ),
    "deep learning": Concept(
        "deep learning", False, "深度学习",
        "Deep learning is machine learning with neural networks of many layers. Each layer turns its input into a more useful form, and training sets all the weights.",
        "深度学习是使用多层神经网络的机器学习。每一层把输入变成更有用的形式，训练决定所有权重。",
        ("layers", "neural",), ("层", "神经网络",),
    ),
    "neural networks": Concept(
        "neural networks", True, "神经网络",
        "Neural networks are layers of simple units. Each unit adds up its inputs with weights and passes the sum on; training changes the weights until the answers fit.",
        "神经网络由一层层简单的单元组成。每个单元把输入加权相加再传下去，训练不断调整权重。",
        ("layers", "weights", "neurons", "units",), ("层", "权重", "神经元",),
    ),
    "large language models": Concept(
        "large language models", True, "大语言模型",
        "Large language models are neural networks that read text and predict the next token. Trained on very much text, they answer questions, translate, write and program.",
        "大语言模型是读入文本并预测下一个词元的神经网络。经过大量文本训练，它们能回答问题、翻译、写作和编程。",
        ("text", "predict", "token", "language",), ("文本", "预测", "语言",),
    ),
    "tokens": Concept(
        "tokens", True, "词元",
        "Tokens are the pieces that a language model reads and writes: a word, a part of a word, a digit or a sign.",
        "词元是语言模型读写的单位：一个词、词的一部分、一个数字或一个符号。",
        ("word", "piece", "unit",), ("词", "单位",),
    ),
    "a tokenizer": Concept(
        "a tokenizer", False, "分词器",
        "A tokenizer cuts text into tokens and gives each its number. The same tokenizer turns the numbers back into text.",
        "分词器把文本切成词元并给每个词元一个编号，也能把编号变回文本。",
        ("text", "token",), ("文本", "词元",),
    ),
    "embeddings": Concept(
        "embeddings", True, "嵌入",
        "Embeddings are lists of numbers that stand for tokens or texts. Similar meanings get similar lists.",
        "嵌入是代表词元或文本的一串数字。意思相近，数字也相近。",
        ("vector", "numbers",), ("向量", "数字",),
    ),
    "attention": Concept(
        "attention", False, "注意力",
        "Attention lets every token look at the other tokens and take over what matters from them.",
        "注意力让每个词元查看其他词元，并取用其中重要的信息。",
        ("token", "word", "input",), ("词", "信息",),
    ),
    "a transformer": Concept(
        "a transformer", False, "Transformer 模型",
        "A transformer is a neural network made of blocks with attention and a feed-forward part. It is the design of nearly all language models.",
        "Transformer 是由注意力和前馈部分组成的神经网络，几乎所有语言模型都采用这种结构。",
        ("attention",), ("注意力",),
    ),
    "a prompt": Concept(
        "a prompt", False, "提示词",
        "A prompt is the text that we give to a language model: the question, the instructions and the context.",
        "提示词是我们给语言模型的文本：问题、指示和上下文。",
        ("text", "input", "instruction",), ("文本", "输入", "指示",),
    ),
    "temperature": Concept(
        "temperature", False, "温度参数",
        "Temperature controls how bold sampling is: a low temperature keeps to likely tokens, a high one lets rare tokens through.",
        "温度控制采样的大胆程度：温度低只选可能的词元，温度高让少见的词元也有机会。",
        ("random", "likely", "sampling", "hot", "heat",), ("随机", "采样", "可能",),
    ),
    "sampling": Concept(
        "sampling", False, "采样",
        "Sampling means that the next token is drawn at random, following the probabilities of the model.",
        "采样就是按照模型给出的概率随机抽取下一个词元。",
        ("random", "probabilit",), ("随机", "概率",),
    ),
    "greedy decoding": Concept(
        "greedy decoding", False, "贪心解码",
        "Greedy decoding always takes the most likely next token. The same prompt then gives the same answer.",
        "贪心解码总是选择最可能的下一个词元，同样的提示得到同样的回答。",
        ("likely", "highest", "probab",), ("可能", "概率",),
    ),
    "the context window": Concept(
        "the context window", False, "上下文窗口",
        "The context window is the number of tokens that a model can take into account at once, prompt and answer together.",
        "上下文窗口是模型一次能处理的词元数量，包括提示和回答。",
        ("tokens", "length",), ("词元", "长度",),
    ),
    "quantization": Concept(
        "quantization", False, "量化",
        "Quantization stores the weights of a model with fewer bits, so that it needs less memory. A little accuracy may be lost.",
        "量化用更少的比特保存模型的权重，从而节省内存，可能损失一点准确度。",
        ("bits", "precision",), ("比特", "精度", "内存",),
    ),
    "fine-tuning": Concept(
        "fine-tuning", False, "微调",
        "Fine-tuning trains a finished model further on examples of one task, so that it does this task better.",
        "微调是在某项任务的例子上继续训练已有的模型，让它更好地完成这项任务。",
        ("train", "task",), ("训练", "任务",),
    ),
    "LoRA": Concept(
        "LoRA", False, "LoRA",
        "LoRA is a way of fine-tuning: the model stays as it is, and two small matrices beside each large one are trained.",
        "LoRA 是一种微调方法：模型保持不变，只训练每个大矩阵旁边的两个小矩阵。",
        ("matri", "low-rank", "adapter",), ("矩阵", "低秩", "微调",),
    ),
    "overfitting": Concept(
        "overfitting", False, "过拟合",
        "Overfitting means that a model learns its training examples by heart and does worse on new ones.",
        "过拟合是指模型死记训练例子，在新的例子上表现变差。",
        ("training", "new",), ("训练", "新",),
    ),
    "training data": Concept(
        "training data", False, "训练数据",
        "Training data are the examples from which a model learns. What is wrong or missing in them is wrong or missing in the model.",
        "训练数据是模型学习用的例子。数据里的错误和缺失，也会出现在模型里。",
        ("learn", "example",), ("学习", "例子",),
    ),
    "a benchmark": Concept(
        "a benchmark", False, "基准测试",
        "A benchmark is a fixed set of tasks with known answers, used to compare models.",
        "基准测试是一组有标准答案的任务，用来比较模型。",
        ("compare", "tasks", "test",), ("比较", "任务",),
    ),
    "a parameter": Concept(
        "a parameter", False, "参数",
        "A parameter is a number inside a model that training sets. Large models have billions of them.",
        "参数是模型内部由训练确定的数字，大模型有几十亿个参数。",
        ("number", "value", "weight",), ("数字", "数值",),
    ),
    "gradient descent": Concept(
        "gradient descent", False, "梯度下降",
        "Gradient descent improves a model in small steps: each step changes the weights so that the error becomes a little smaller.",
        "梯度下降一小步一小步地改进模型，每一步都调整权重，让误差变小一点。",
        ("step", "minimi", "error", "loss",), ("步", "误差", "损失",),
    ),
    "a loss function": Concept(
        "a loss function", False, "损失函数",
        "A loss function measures how wrong a model is. Training makes this number small.",
        "损失函数衡量模型错得有多远，训练就是让这个数变小。",
        ("error", "wrong", "measure",), ("误差", "衡量", "错",),
    ),
    "hallucination": Concept(
        "hallucination", False, "幻觉",
        "Hallucination means that a model states something false as if it were sure of it.",
        "幻觉是指模型把错误的内容说得像真的一样。",
        ("false", "incorrect", "not real", "made",), ("错误", "虚假",),
    ),
    "open weights": Concept(
        "open weights", True, "开放权重",
        "Open weights are model files that anybody may download, run and adapt, within the licence.",
        "开放权重是任何人在许可范围内都能下载、运行和修改的模型文件。",
        ("download", "public", "available",), ("下载", "公开",),
    ),
    "a chat template": Concept(
        "a chat template", False, "聊天模板",
        "A chat template writes a conversation as one text, with special tokens that mark who speaks.",
        "聊天模板把对话写成一段文本，并用特殊词元标明谁在说话。",
        ("conversation", "messages", "format",), ("对话", "格式",),
    ),
    "thinking mode": Concept(
        "thinking mode", False, "思考模式",
        "In thinking mode a model first writes down its reasoning and then the answer. That costs tokens and helps with hard questions.",
        "在思考模式下，模型先写出推理过程，再给出答案。这要花更多词元，但对难题有帮助。",
        ("reasoning", "think",), ("推理", "思考",),
    ),
    "a GPU": Concept(
        "a GPU", False, "GPU",
        "A GPU is a processor that does very many small calculations at the same time, which is what neural networks need.",
        "GPU 是能同时进行大量小计算的处理器，这正是神经网络需要的。",
        ("parallel", "same time", "graphics",), ("同时", "并行", "图形",),
    ),
    "memory bandwidth": Concept(
        "memory bandwidth", False, "内存带宽",
        "Memory bandwidth is how many bytes a processor can read in a second. It limits how fast a model writes tokens.",
        "内存带宽是处理器每秒能读取的字节数，它限制模型生成词元的速度。",
        ("second", "speed", "rate",), ("每秒", "速度",),
    ),
    "the KV cache": Concept(
        "the KV cache", False, "KV 缓存",
        "The KV cache keeps the keys and values of earlier tokens, so that they are not computed again for each new token.",
        "KV 缓存保存之前词元的键和值，生成新词元时不必重新计算。",
        ("key",), ("键", "缓存",),
    ),
    "a mixture of experts": Concept(
        "a mixture of experts", False, "混合专家模型",
        "A mixture of experts has many feed-forward parts and uses only a few of them for each token. It knows much and computes little.",
        "混合专家模型有许多前馈部分，每个词元只使用其中几个，知识多而计算少。",
        ("expert",), ("专家",),
    ),
    "supervised learning": Concept(
        "supervised learning", False, "监督学习",
        "In supervised learning every example comes with its right answer, and the model learns to give it.",
        "在监督学习中，每个例子都带有正确答案，模型学习给出这个答案。",
        ("label", "answer",), ("标签", "答案",),
    ),
    "reinforcement learning": Concept(
        "reinforcement learning", False, "强化学习",
        "In reinforcement learning a program tries actions and gets rewards; it learns to act so that the rewards grow.",
        "在强化学习中，程序尝试行动并得到奖励，学习怎样获得更多奖励。",
        ("reward",), ("奖励",),
    ),
    "an algorithm": Concept(
        "an algorithm", False, "算法",
        "An algorithm is a list of clear steps that solves a task.",
        "算法是解决一个问题的一系列明确步骤。",
        ("step",), ("步骤",),
    ),
    "a database": Concept(
        "a database", False, "数据库",
        "A database stores data in good order, so that it can be searched and changed quickly.",
        "数据库有序地保存数据，方便快速查找和修改。",
        ("data",), ("数据",),
    ),
    "an API": Concept(
        "an API", False, "API",
        "An API is a set of rules by which one program asks another for data or work.",
        "API 是一组规则，一个程序用它向另一个程序请求数据或服务。",
        ("program", "software", "application",), ("程序", "接口", "软件",),
    ),
    "open source": Concept(
        "open source", False, "开源",
        "Open source means that everybody may read, use and change the code of a program.",
        "开源是指每个人都可以阅读、使用和修改程序的代码。",
        ("code",), ("代码",),
    ),
    "encryption": Concept(
        "encryption", False, "加密",
        "Encryption turns a message into a form that only somebody with the key can read.",
        "加密把信息变成只有持有密钥的人才能读懂的形式。",
        ("key", "secret",), ("密钥",),
    ),
    "recursion": Concept(
        "recursion", False, "递归",
        "Recursion means that a function calls itself on a smaller problem until the problem is trivial.",
        "递归是指函数用更小的问题调用自己，直到问题足够简单。",
        ("itself",), ("自己", "自身",),
    ),
}  # fmt: skip
