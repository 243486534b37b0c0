"""Sectors, the 13 key regions and fictional names of the synthetic region."""

from dataclasses import dataclass
from typing import Literal

Family = Literal["manufacturing", "software", "services"]


@dataclass(frozen=True, slots=True)
class Sector:
    """One sector of the synthetic region.

    Attributes:
        industry_code: GB/T 4754-2017 class with its section letter.
        zh: Chinese label.
        en: English label.
        word_zh: Word used in firm names.
        word_en: English word used in firm names.
        share: Share of firms, fraction; the shares sum to one.
        family: Broad family: sets VAT rate and capital intensity.
        ipc: IPC subclasses its patents fall in, most usual first.
    """

    industry_code: str
    zh: str
    en: str
    word_zh: str
    word_en: str
    share: float
    family: Family
    ipc: tuple[str, ...]


SECTORS = (
    Sector(
        "C3973",
        "集成电路",
        "Integrated circuits",
        "半导体",
        "Semiconductor",
        0.09,
        "manufacturing",
        ("H01L", "G06F", "H03K"),
    ),
    Sector(
        "C3921",
        "通信设备",
        "Communication equipment",
        "通信",
        "Communication",
        0.07,
        "manufacturing",
        ("H04L", "H04W", "H04B"),
    ),
    Sector(
        "C3911",
        "计算机整机",
        "Computers",
        "智算设备",
        "Computing",
        0.05,
        "manufacturing",
        ("G06F", "H05K", "G11C"),
    ),
    Sector(
        "C3985",
        "电子专用材料",
        "Electronic materials",
        "新材料",
        "Materials",
        0.09,
        "manufacturing",
        ("C09K", "H01M", "C22C"),
    ),
    Sector(
        "C3581",
        "医疗仪器设备",
        "Medical devices",
        "医疗器械",
        "Medical",
        0.08,
        "manufacturing",
        ("A61B", "A61M", "A61N"),
    ),
    Sector(
        "C2761",
        "生物药品",
        "Biopharmaceuticals",
        "生物医药",
        "Biopharma",
        0.07,
        "manufacturing",
        ("A61K", "C07K", "C12N"),
    ),
    Sector(
        "C4011",
        "工业自动控制系统",
        "Industrial automation",
        "智能控制",
        "Automation",
        0.12,
        "manufacturing",
        ("G05B", "B25J", "G01D"),
    ),
    Sector(
        "C3741",
        "航空器",
        "Aircraft",
        "航空科技",
        "Aerospace",
        0.03,
        "manufacturing",
        ("B64C", "B64F", "F02C"),
    ),
    Sector(
        "I6513",
        "应用软件",
        "Application software",
        "软件",
        "Software",
        0.17,
        "software",
        ("G06F", "G06Q", "G06N"),
    ),
    Sector(
        "I6531",
        "信息系统集成",
        "System integration",
        "信息技术",
        "Infotech",
        0.10,
        "software",
        ("G06F", "H04L", "G06Q"),
    ),
    Sector(
        "M7320",
        "工程和技术研究",
        "Engineering research",
        "工程研究",
        "Engineering",
        0.08,
        "services",
        ("G06F", "B01D", "G01M"),
    ),
    Sector(
        "M7452",
        "检测服务",
        "Testing services",
        "检测技术",
        "Testing",
        0.05,
        "services",
        ("G01N", "G01R", "G01M"),
    ),
)
"""High-technology manufacturing, ICT (63-65) and M (73-75). Shares: proposal."""


@dataclass(frozen=True, slots=True)
class Region:
    """One key region for technology finance.

    Attributes:
        code: GB/T 2260 division code.
        zh: Chinese name.
        en: English name.
        firms_n: High and new technology enterprises accredited in 2024; sets the share.
        cities: Cities with their English names, largest first.
    """

    code: str
    zh: str
    en: str
    firms_n: int
    cities: tuple[tuple[str, str], ...]


REGIONS = (
    Region("110000", "北京", "Beijing", 10226, (("北京", "Beijing"),)),
    Region("120000", "天津", "Tianjin", 4006, (("天津", "Tianjin"),)),
    Region("310000", "上海", "Shanghai", 7236, (("上海", "Shanghai"),)),
    Region(
        "320000",
        "江苏",
        "Jiangsu",
        19053,
        (("苏州", "Suzhou"), ("南京", "Nanjing"), ("无锡", "Wuxi")),
    ),
    Region(
        "330000",
        "浙江",
        "Zhejiang",
        16616,
        (("杭州", "Hangzhou"), ("宁波", "Ningbo"), ("嘉兴", "Jiaxing")),
    ),
    Region("340000", "安徽", "Anhui", 8643, (("合肥", "Hefei"), ("芜湖", "Wuhu"))),
    Region("370000", "山东", "Shandong", 11240, (("济南", "Jinan"), ("青岛", "Qingdao"))),
    Region("420000", "湖北", "Hubei", 11234, (("武汉", "Wuhan"), ("襄阳", "Xiangyang"))),
    Region("440000", "广东", "Guangdong", 16709, (("广州", "Guangzhou"), ("东莞", "Dongguan"))),
    Region("440300", "深圳", "Shenzhen", 8355, (("深圳", "Shenzhen"),)),
    Region("500000", "重庆", "Chongqing", 3302, (("重庆", "Chongqing"),)),
    Region("510000", "四川", "Sichuan", 6306, (("成都", "Chengdu"), ("绵阳", "Mianyang"))),
    Region("610000", "陕西", "Shaanxi", 8164, (("西安", "Xi'an"), ("宝鸡", "Baoji"))),
)
"""The 13 regions of the PBoC and MOST notice announced on 2024-10-16.

Firm counts: firms accredited in 2024 by province (China provinces panel, `v8_hitech_firms`);
a third of Guangdong's 25,064 is given to Shenzhen (proposal). The notice's Guangdong contains
Shenzhen; here the two are disjoint so that shares add up.
"""


def _words(zh: str, en: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(zh, en.split(), strict=True))


BRAND_FIRST = _words(
    "晶瀚启芯云凌睿恒澜拓星翼泓卓锐昊铭致景朗弘沐越衡",
    "Jing Han Qi Xin Yun Ling Rui Heng Lan Tuo Xing Yi Hong Zhuo Rui Hao Ming Zhi Jing Lang "
    "Hong Mu Yue Heng",
)
BRAND_SECOND = _words(
    "澜川图禾拓微源讯达峰宸科芒岚辰钧博维越曜泽帆量序",
    "lan chuan tu he tuo wei yuan xun da feng chen ke mang lan chen jun bo wei yue yao ze "
    "fan liang xu",
)
FICTION_ZH, FICTION_EN = "示例·", "Sample · "
"""Every name starts with this, so that no one takes it for a real firm."""
