"""Small folders in the layout of the published sets, made up here."""

import gzip

import polars as pl

INVOICE_HEAD = "企业代号,发票号码,开票日期,{},金额,税额,价税合计,发票状态"
INVOICES = {
    "credit_history_input": ("销方单位代号", ["E1,7,2017/7/18,A1,-943.4,-56.6,-1000.0,有效发票"]),
    "credit_history_output": (
        "购方单位代号",
        [
            "E1,1,2017/8/4,B1,100,13,113,有效发票",
            "E1,2,2017/8/5,B1,200,26,226,作废发票",
            "E1,1,2017/8/4,B1,100,13,113,有效发票",  # row 3 repeats row 1
            "E1,2,2017/9/5,B2,50,6.5,56.5,有效发票",  # row 4: number of row 2, other content
            "E2,2,2018/1/5,B2,50,6.5,56.5,有效发票",  # another firm's number 2
            "E2,3,2018/13/5,B2,50,6.5,56.5,有效发票",  # no such month
            "E2,4,2019/12/3,B2,五十,6.5,56.5,有效发票",  # not a number
        ],
    ),
    "no_credit_history_input": ("销方单位代号", ["E3,7,2016/10/8,A1,10,1,11,有效发票"]),
    "no_credit_history_output": ("购方单位代号", ["E3,8,2020/2/21,D1,10,1,11,已红冲"]),
}
FIRMS = {
    "credit_history_enterprises.csv": (
        "企业代号,企业名称,信誉评级,是否违约",
        ["E1,***电器公司,A,否", "E2,***技术公司,D,是"],
    ),
    "no_credit_history_enterprises.csv": ("企业代号,企业名称", ["E3,个体经营E3 ", "E4,个体经营E4"]),
}


def write_china_sme(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (partner, lines) in INVOICES.items():
        text = "\n".join([INVOICE_HEAD.format(partner), *lines]) + "\n"
        (folder / f"{name}_invoices.csv.gz").write_bytes(gzip.compress(text.encode()))
    for name, (head, lines) in FIRMS.items():
        (folder / name).write_text("\n".join([head, *lines]) + "\n", "utf8")
    return folder


def write_many_invoices(folder, rows_n):
    """The same folder with one file of `rows_n` distinct invoices."""
    write_china_sme(folder)
    number = pl.int_range(rows_n, eager=True)
    rows = pl.select(
        企业代号="E" + (number % 100 + 1).cast(pl.String),
        发票号码=number,
        开票日期=pl.lit("2019/5/") + (number % 28 + 1).cast(pl.String),
        购方单位代号="B" + (number % 997).cast(pl.String),
        金额=number * 0.5,
        税额=number * 0.065,
        价税合计=number * 0.565,
        发票状态=pl.lit("有效发票"),
    )
    content = gzip.compress(rows.write_csv().encode(), compresslevel=1)
    (folder / "credit_history_output_invoices.csv.gz").write_bytes(content)
    return folder


MONEY_HEAD = (
    "capital_stock,current_assets,current_liabilities,net_income,noncurrent_assets,"
    "noncurrent_liabilities,operating_income,pretax_income,retained_earnings,revenue,"
    "total_assets,total_equity,total_liabilities"
)
ACCOUNTS_HEAD = f"corp_code,stock_code,corp_name,year,basis,currency,{MONEY_HEAD}"
ACCOUNTS = [
    "1,000070,삼양,2018,separate,KRW,1,2,3,-4,5,6,7,8,9,10,7,4,3",
    "1,000070,삼양,2018,consolidated,KRW,1,2,3,-4,5,6,7,8,9,10,7,4,3",
    "1,000070,삼양,2019,separate,USD,,2,3,-4,5,6,7,8,9,10,7,4,3",
    "2,900001,외국,2019,separate,KRW,1,2,3,-4,5,6,7,8,9,10,-7,4,3",  # assets below zero
    "3,123450,코리아,2019,separate,KRW,1,2,3,-4,5,6,7,8,9,10,7,4,3",  # not in the crosswalk
]
NAMES_HEAD = "stock_code,corp_name,corp_code,y0,y1,symbol,name,sector,industry,city,ex,n,n_patents"
NAMES = [
    "000070,삼양,1,2018,2023,000070.KS,Samyang,Industrials,Chemicals,Seoul,KSC,samyang,1.0",
    "900001,외국,2,2019,2023,,Posco A,Materials,Steel,Pohang,KSC,posco,1.0",
    "900002,외국둘,4,2019,2023,,Posco B,Materials,Steel,Pohang,KSC,posco,1.0",
]
DELISTINGS_HEAD = "corp_name,stock_code,delist_date,reason"
DELISTINGS = [
    "삼양,000070,2020-05-06,감사의견 거절(감사범위 제한)",
    "외국,900001,2020-06-01,해산 사유 발생",
]
PATENTS = {
    "patent_id": ["10000001", "D654321", "10000002", "10000003"],
    "patent_type": ["utility", "design", "utility", "utility"],
    "patent_date": ["2019-05-28", "2012-02-21", "2020-01-07", "2001-01-02"],
    "filing_date": ["2017-12-22", "2011-08-05", "2018-01-01", "1999-01-01"],
    "patent_title": ["Sugar", "Bottle", "Steel", "Other"],
    "num_claims": ["20", "1", "5", "6"],
    "assignee": ["Samyang Corp.", "SAMYANG CORP", "POSCO", "Canon"],
    "cpc_group": [["C07H1/00", "C07H3/02", "A23L27/30"], None, ["C21D8/02"], ["G06F9/30"]],
    "n_inventors": [7, 1, 2, 3],
    "n": ["samyang", "samyang", "posco", "canon"],
}


def write_korea(folder, patents=True):
    folder.mkdir(parents=True, exist_ok=True)
    accounts = "\n".join([ACCOUNTS_HEAD, *ACCOUNTS]) + "\n"
    (folder / "firm_year_2015_2019.csv.gz").write_bytes(gzip.compress(accounts.encode()))
    (folder / "name_crosswalk.csv").write_text("\n".join([NAMES_HEAD, *NAMES]), "utf8")
    delistings = "\n".join([DELISTINGS_HEAD, *DELISTINGS])
    (folder / "delisting_events_2016_2020.csv").write_text(delistings, "utf8")
    if patents:
        beside = folder.parent / "patentsview"
        beside.mkdir(exist_ok=True)
        pl.DataFrame(PATENTS).write_parquet(beside / "patents_by_assignee.parquet")
    return folder
