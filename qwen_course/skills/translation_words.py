"""Sixty words and twenty phrases in seven languages, and the ways to ask for their translation. Data only.

A row holds one item, a column one language in the order of `LANGUAGES`; after `|` stand other translations that count as right.
The first one is what Pocket says. Nouns stand without article. Within a language no two items share a form.
"""

from __future__ import annotations

LANGUAGES = ("English", "Chinese", "Spanish", "French", "German", "Japanese", "Persian")

_WORDS = """
dog ; 狗|犬 ; perro ; chien ; Hund ; 犬|いぬ|イヌ ; سگ
cat ; 猫|貓 ; gato|gata ; chat|chatte ; Katze ; 猫|ねこ|ネコ ; گربه
bird ; 鸟|鳥 ; pájaro|ave ; oiseau ; Vogel ; 鳥 ; پرنده
fish ; 鱼|魚 ; pez|pescado ; poisson ; Fisch ; 魚|さかな ; ماهی
horse ; 马|馬 ; caballo ; cheval ; Pferd ; 馬|ウマ ; اسب
mouse|rat ; 老鼠|鼠 ; ratón ; souris ; Maus ; ネズミ|ねずみ|鼠|マウス ; موش
elephant ; 大象|象 ; elefante ; éléphant ; Elefant ; 象|ゾウ|ぞう ; فیل
rabbit|hare ; 兔子|兔 ; conejo ; lapin ; Kaninchen|Hase ; ウサギ|うさぎ|兎 ; خرگوش
water ; 水 ; agua ; eau ; Wasser ; 水|お水 ; آب
bread ; 面包|麵包 ; pan ; pain ; Brot ; パン ; نان
apple ; 苹果|蘋果 ; manzana ; pomme ; Apfel ; りんご|リンゴ|林檎 ; سیب
tea ; 茶 ; té ; thé ; Tee ; お茶|茶|ティー ; چای
coffee ; 咖啡 ; café ; café ; Kaffee ; コーヒー|珈琲 ; قهوه
salt ; 盐|鹽 ; sal ; sel ; Salz ; 塩 ; نمک
cheese ; 奶酪|芝士|乳酪|干酪 ; queso ; fromage ; Käse ; チーズ ; پنیر
meat ; 肉 ; carne ; viande ; Fleisch ; 肉|お肉 ; گوشت
honey ; 蜂蜜 ; miel ; miel ; Honig ; 蜂蜜|はちみつ|ハチミツ ; عسل
house|home ; 房子|房屋|家 ; casa ; maison ; Haus ; 家|住宅 ; خانه|منزل
window ; 窗户|窗子|窗口|窗 ; ventana ; fenêtre ; Fenster ; 窓|ウィンドウ ; پنجره
chair ; 椅子 ; silla ; chaise ; Stuhl ; 椅子|いす|イス ; صندلی
key ; 钥匙|鑰匙 ; llave ; clé|clef ; Schlüssel ; 鍵|キー ; کلید
book ; 书|書|书籍 ; libro ; livre ; Buch ; 本|書籍 ; کتاب
paper ; 纸|紙 ; papel ; papier ; Papier ; 紙 ; کاغذ
umbrella ; 雨伞|伞 ; paraguas ; parapluie ; Regenschirm|Schirm ; 傘 ; چتر
spoon ; 勺子|汤匙|勺|调羹 ; cuchara ; cuillère|cuiller ; Löffel ; スプーン ; قاشق
knife ; 刀|刀子 ; cuchillo ; couteau ; Messer ; ナイフ|包丁 ; چاقو|کارد
shoe|shoes ; 鞋|鞋子 ; zapato|zapatos ; chaussure|chaussures ; Schuh|Schuhe ; 靴|シューズ ; کفش
hat|cap ; 帽子 ; sombrero|gorro ; chapeau ; Hut ; 帽子 ; کلاه
school ; 学校|學校 ; escuela|colegio ; école ; Schule ; 学校 ; مدرسه
hospital ; 医院|醫院 ; hospital ; hôpital ; Krankenhaus|Spital|Klinik ; 病院 ; بیمارستان
library ; 图书馆|圖書館 ; biblioteca ; bibliothèque ; Bibliothek|Bücherei ; 図書館 ; کتابخانه
garden ; 花园|庭园 ; jardín ; jardin ; Garten ; 庭|庭園 ; باغ|باغچه
bridge ; 桥|橋|桥梁 ; puente ; pont ; Brücke ; 橋 ; پل
car|automobile ; 汽车|轿车|车子|小车 ; coche|carro|auto|automóvil ; voiture|auto|automobile ; Auto|Wagen ; 車|自動車 ; ماشین|خودرو|اتومبیل
bicycle|bike ; 自行车|单车|脚踏车 ; bicicleta|bici ; vélo|bicyclette ; Fahrrad|Rad ; 自転車 ; دوچرخه
train ; 火车|列车 ; tren ; train ; Zug|Bahn ; 電車|列車|汽車 ; قطار
airplane|plane|aeroplane|aircraft ; 飞机|飛機 ; avión ; avion ; Flugzeug ; 飛行機 ; هواپیما
sun ; 太阳|太陽 ; sol ; soleil ; Sonne ; 太陽 ; خورشید|آفتاب
star ; 星星|星|恒星 ; estrella ; étoile ; Stern ; 星 ; ستاره
sky|heaven ; 天空 ; cielo ; ciel ; Himmel ; 空 ; آسمان
sea|ocean ; 海|大海|海洋 ; mar ; mer ; Meer ; 海 ; دریا
mountain ; 山 ; montaña ; montagne ; Berg ; 山 ; کوه
river ; 河|河流|江 ; río ; rivière|fleuve ; Fluss ; 川|河 ; رودخانه|رود
tree ; 树|樹|树木 ; árbol ; arbre ; Baum ; 木|樹木 ; درخت
flower ; 花|花朵 ; flor ; fleur ; Blume ; 花|お花 ; گل
rain ; 雨 ; lluvia ; pluie ; Regen ; 雨 ; باران
snow ; 雪 ; nieve ; neige ; Schnee ; 雪 ; برف
wind ; 风|風 ; viento ; vent ; Wind ; 風 ; باد
island ; 岛|島|岛屿 ; isla ; île ; Insel ; 島 ; جزیره
forest|woods ; 森林|树林 ; bosque ; forêt ; Wald ; 森|森林 ; جنگل
mother|mom|mum ; 母亲|妈妈|母親 ; madre|mamá ; mère|maman ; Mutter|Mama ; 母|お母さん|母親 ; مادر|مامان
father|dad ; 父亲|爸爸|父親 ; padre|papá ; père|papa ; Vater|Papa ; 父|お父さん|父親 ; پدر|بابا
friend ; 朋友 ; amigo|amiga ; ami|amie ; Freund|Freundin ; 友達|友だち|ともだち|友人 ; دوست|رفیق
eye ; 眼睛|眼 ; ojo ; œil|oeil ; Auge ; 目|眼 ; چشم
red ; 红色|红|紅色 ; rojo|roja ; rouge ; rot ; 赤|赤い|赤色 ; قرمز|سرخ
green ; 绿色|绿|綠色 ; verde ; vert|verte ; grün ; 緑|緑色|グリーン ; سبز
white ; 白色|白 ; blanco|blanca ; blanc|blanche ; weiß ; 白|白い|白色 ; سفید
yellow ; 黄色|黄|黃色 ; amarillo|amarilla ; jaune ; gelb ; 黄色|黄色い ; زرد
three ; 三 ; tres ; trois ; drei ; 三|三つ ; سه
music ; 音乐|音樂 ; música ; musique ; Musik ; 音楽 ; موسیقی
"""
_PHRASES = """
Hello!|Hi|Good day ; 你好！|您好 ; ¡Hola!|Buenos días ; Bonjour !|Salut ; Hallo!|Guten Tag ; こんにちは。 ; سلام!
Good night!|Good evening ; 晚安！ ; ¡Buenas noches! ; Bonne nuit ! ; Gute Nacht! ; おやすみなさい。|お休みなさい|おやすみ ; شب بخیر!|شب به خیر|شب خوش
Goodbye!|Good bye|Bye|Farewell ; 再见！ ; ¡Adiós!|Hasta luego ; Au revoir ! ; Auf Wiedersehen!|Tschüss ; さようなら。|さよなら ; خداحافظ!|خدا حافظ|خدانگهدار
Thank you!|Thanks ; 谢谢！ ; ¡Gracias! ; Merci ! ; Danke!|Vielen Dank ; ありがとうございます。|ありがとう ; متشکرم!|ممنون|ممنونم|مرسی|سپاسگزارم|تشکر
Welcome! ; 欢迎！ ; ¡Bienvenido!|Bienvenida|Bienvenidos ; Bienvenue ! ; Willkommen! ; ようこそ！ ; خوش آمدید!|خوش آمدی
Happy birthday! ; 生日快乐！ ; ¡Feliz cumpleaños! ; Joyeux anniversaire !|Bon anniversaire ; Alles Gute zum Geburtstag!|Herzlichen Glückwunsch zum Geburtstag ; お誕生日おめでとうございます！|誕生日おめでとう ; تولدت مبارک!|تولدتان مبارک|تولدتون مبارک
See you tomorrow! ; 明天见！ ; ¡Hasta mañana!|Nos vemos mañana ; À demain ! ; Bis morgen!|Wir sehen uns morgen ; また明日。|またあした ; تا فردا!|فردا می‌بینمت|فردا می‌بینمتان|فردا می‌بینمتون
I am hungry.|I'm hungry ; 我饿了。|我很饿|我肚子饿|我饿 ; Tengo hambre. ; J'ai faim. ; Ich habe Hunger.|Ich bin hungrig ; お腹が空きました。|お腹が空いた|お腹がすきました|お腹がすいた|おなかがすきました|おなかがすいた|お腹が空いています|お腹がすいています|おなかがすいています|お腹空いた|お腹すいた ; من گرسنه هستم.|گرسنه هستم|گرسنه‌ام|گرسنم|گرسنمه
I am thirsty.|I'm thirsty ; 我渴了。|我口渴|我很渴|我好渴 ; Tengo sed. ; J'ai soif. ; Ich habe Durst.|Ich bin durstig ; 喉が渇きました。|喉が渇いた|喉が渇いています|のどが渇きました|のどが渇いた|のどが渇いています|のどがかわいた|のどがかわきました ; من تشنه هستم.|تشنه هستم|تشنه‌ام|تشنم|تشنمه
I am tired.|I'm tired ; 我累了。|我很累|我好累 ; Estoy cansado.|Estoy cansada ; Je suis fatigué.|Je suis fatiguée ; Ich bin müde. ; 疲れました。|疲れた|疲れています|疲れている ; من خسته هستم.|خسته هستم|خسته‌ام|خستم
I need help. ; 我需要帮助。|我需要帮忙 ; Necesito ayuda. ; J'ai besoin d'aide. ; Ich brauche Hilfe. ; 助けが必要です。|助けてください|手伝ってください ; من به کمک نیاز دارم.|به کمک نیاز دارم|نیاز به کمک دارم|کمک لازم دارم|کمک می‌خواهم
I love you. ; 我爱你。 ; Te amo.|Te quiero ; Je t'aime.|Je vous aime ; Ich liebe dich.|Ich liebe Sie ; 愛しています。|愛してる|愛している ; دوستت دارم.|عاشقتم
I like music.|I love music ; 我喜欢音乐。|我爱音乐 ; Me gusta la música. ; J'aime la musique. ; Ich mag Musik.|Ich liebe Musik|Mir gefällt Musik ; 音楽が好きです。|音楽が好き ; من موسیقی را دوست دارم.|من موسیقی دوست دارم|موسیقی را دوست دارم|موسیقی دوست دارم|از موسیقی خوشم می‌آید
It is cold.|It's cold|The weather is cold|It is very cold|It's very cold|The weather is very cold ; 天气很冷。|很冷|天冷|好冷|天气冷 ; Hace frío.|Hace mucho frío ; Il fait froid.|Il fait très froid ; Es ist kalt.|Es ist sehr kalt ; 寒いです。|寒い ; هوا سرد است.|سرد است|هوا سرده|هوا خیلی سرد است
Where is the station?|Where's the station|Where is the train station|Where's the train station|Where is the railway station ; 车站在哪里？|车站在哪儿|车站在哪|火车站在哪里|火车站在哪儿 ; ¿Dónde está la estación? ; Où est la gare ?|Où se trouve la gare|Où est la station ; Wo ist der Bahnhof?|Wo ist die Station|Wo befindet sich der Bahnhof ; 駅はどこですか？|駅はどこにありますか ; ایستگاه کجاست؟|ایستگاه کجا است
How much does it cost?|How much is it|How much does this cost|How much is this|What does it cost ; 多少钱？ ; ¿Cuánto cuesta?|Cuánto vale ; Combien ça coûte ?|Combien cela coûte|Combien est-ce que ça coûte|Combien coûte|C'est combien|Ça coûte combien ; Wie viel kostet das?|Wieviel kostet das|Was kostet das|Wie viel kostet es|Was kostet es ; いくらですか？ ; قیمتش چقدر است؟|قیمت آن چقدر است|چقدر است|قیمتش چند است|قیمتش چنده|چند است
How are you? ; 你好吗？|您好吗|你怎么样|你还好吗 ; ¿Cómo estás?|Cómo está|Qué tal ; Comment allez-vous ?|Comment vas-tu|Comment ça va|Ça va ; Wie geht es dir?|Wie geht es Ihnen|Wie geht's ; お元気ですか？|元気ですか ; حال شما چطور است؟|حالت چطور است|حال شما چطوره|حالت چطوره|چطوری|چطورید|حالتان چطور است
What is your name?|What's your name ; 你叫什么名字？|您叫什么名字|你叫什么|你的名字是什么 ; ¿Cómo te llamas?|Cómo se llama|Cuál es tu nombre|Cuál es su nombre ; Comment t'appelles-tu ?|Comment tu t'appelles|Comment vous appelez-vous|Quel est ton nom|Quel est votre nom ; Wie heißt du?|Wie heißen Sie|Wie ist dein Name|Wie ist Ihr Name ; お名前は何ですか？|名前は何ですか|お名前は何と言いますか|お名前は ; اسم شما چیست؟|نام شما چیست|اسمت چیست|نامت چیست|اسم تو چیست|اسمت چیه
What time is it?|What's the time|What time is it now ; 现在几点？|几点了|几点钟 ; ¿Qué hora es? ; Quelle heure est-il ?|Il est quelle heure ; Wie spät ist es?|Wie viel Uhr ist es|Wieviel Uhr ist es ; 今何時ですか？|何時ですか|今は何時ですか ; ساعت چند است؟|ساعت چنده
Do you speak English?|Can you speak English ; 你会说英语吗？|您会说英语吗|你说英语吗|您说英语吗|你会讲英语吗|你会说英文吗 ; ¿Hablas inglés?|Habla inglés|Habla usted inglés ; Parlez-vous anglais ?|Parles-tu anglais|Tu parles anglais|Vous parlez anglais ; Sprechen Sie Englisch?|Sprichst du Englisch|Können Sie Englisch ; 英語を話せますか？|英語が話せますか|英語は話せますか|英語を話しますか|英語ができますか ; آیا انگلیسی صحبت می‌کنید؟|انگلیسی صحبت می‌کنید|انگلیسی صحبت می‌کنی|انگلیسی حرف می‌زنید|انگلیسی بلدید
"""


def _read(table: str) -> tuple[dict[str, tuple[str, ...]], ...]:
    """Return one dictionary per row: language to its translations, the one that Pocket says first."""
    rows = [row.split(" ; ") for row in table.strip().splitlines()]
    return tuple({name: tuple(cell.split("|")) for name, cell in zip(LANGUAGES, row, strict=True)} for row in rows)


WORDS = _read(_WORDS)
PHRASES = _read(_PHRASES)

# Words that mean something else in English or in another of the languages: asked only with their own language named.
FALSE_FRIENDS = frozenset(
    "chat pain rouge vent pont sel vert pan sombrero sol sal mar rot hut stern tee auto 空 木 本".split()
)

# How the languages call each other, in the order of LANGUAGES: "German" is "alemán" in Spanish.
_NAMES = {
    "English": LANGUAGES,
    "Chinese": ("英语", "中文", "西班牙语", "法语", "德语", "日语", "波斯语"),
    "Spanish": ("inglés", "chino", "español", "francés", "alemán", "japonés", "persa"),
    "French": ("anglais", "chinois", "espagnol", "français", "allemand", "japonais", "persan"),
    "German": ("Englisch", "Chinesisch", "Spanisch", "Französisch", "Deutsch", "Japanisch", "Persisch"),
    "Japanese": ("英語", "中国語", "スペイン語", "フランス語", "ドイツ語", "日本語", "ペルシア語"),
    "Persian": ("انگلیسی", "چینی", "اسپانیایی", "فرانسوی", "آلمانی", "ژاپنی", "فارسی"),
}  # fmt: skip
NAMES = {language: dict(zip(LANGUAGES, names, strict=True)) for language, names in _NAMES.items()}
QUOTES = {
    "English": ("''", '""', "“”"), "Chinese": ("“”", "“”", '""'), "Spanish": ("''", "«»", '""'), "French": ("«»", '""'),
    "German": ("„“", '""', "''"), "Japanese": ("「」",), "Persian": ("«»", '""'),
}  # fmt: skip

# {q} is the item in quotes, {w} a word without quotes (a phrase keeps them), {s} the source language, {t} the target language.
# Wordings with "word" are for words only.
WORDINGS = {
    "English": (
        "Translate {q} into {t}.", "How do you say {q} in {t}?", "How do you say {w} in {t}?", "What is the {t} word for {w}?",
        "{w} in {t}?", "What is {q} in {t}?", "Say {q} in {t}.", "Please translate {q} to {t}.", "Give me the {t} translation of {q}.",
        "Translate into {t}: {w}", "How would I say {q} in {t}?", "I want to say {q} in {t}.", "Which {t} word means {q}?", "In {t}: {w}",
        "Translate {q} from {s} to {t}.", "{s} to {t}: {w}", "What is the {s} {q} in {t}?", "Translate this {s} word into {t}: {w}",
        "How do you say the {s} {q} in {t}?",
    ),
    "Chinese": ("{q}用{t}怎么说？", "把{q}翻译成{t}。", "{s}的{q}用{t}怎么说？", "把{s}的{q}翻译成{t}。"),
    "Spanish": ("¿Cómo se dice {q} en {t}?", "Traduce {q} al {t}.", "Traduce {q} del {s} al {t}.", "Del {s} al {t}: {q}"),
    "French": ("Comment dit-on {q} en {t} ?", "Traduis {q} en {t}.", "Comment dit-on {q} ({s}) en {t} ?", "Traduction {s}-{t} : {q}"),
    "German": ("Wie sagt man {q} auf {t}?", "Übersetze {q} ins {t}e.", "Übersetze {q} aus dem {s}en ins {t}e.", "{s} - {t}: {q}"),
    "Japanese": ("{q}は{t}で何と言いますか？", "{q}を{t}に訳してください。", "{s}の{q}は{t}で何と言いますか？", "{s}の{q}を{t}に訳してください。"),
    "Persian": ("{q} به {t} چه می‌شود؟", "{q} را به {t} ترجمه کن.", "{q} را از {s} به {t} ترجمه کن.", "از {s} به {t}: {q}"),
}  # fmt: skip
# To English from another language, also without a word about the languages.
INTO_ENGLISH = ("What does {q} mean?", "What does {w} mean in English?", "Translate {q}.")
UNSEEN = {
    "English": ("How can I say {q} in {t}?", "Tell me {q} in {t}.", "Please put the {s} {q} into {t}.", "From {s} into {t}: {w}"),
    "Chinese": ("请把{q}译成{t}。", "请问{s}的{q}用{t}怎么讲？"),
    "Spanish": ("¿Cuál es la traducción de {q} al {t}?", "Por favor, traduce del {s} al {t}: {q}"),
    "French": ("Comment se dit {q} en {t} ?", "Comment traduit-on {q} ({s}) en {t} ?"),
    "German": ("Wie heißt {q} auf {t}?", "Bitte übersetze aus dem {s}en ins {t}e: {q}"),
    "Japanese": ("{q}は{t}でどう言いますか？", "{s}から{t}に訳してください：{q}"),
    "Persian": ("{q} را به {t} چگونه می‌گویند؟", "لطفاً از {s} به {t} ترجمه کن: {q}"),
}  # fmt: skip
