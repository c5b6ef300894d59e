-- The tables of the old application that docs/MIGRATION.md exports, with the types of its PostgreSQL database.

CREATE TABLE employees (
    id varchar(50) PRIMARY KEY, name varchar(100) NOT NULL, email varchar(120), phone varchar(20),
    is_active boolean NOT NULL, is_supervisor boolean NOT NULL, job_title varchar(50) NOT NULL,
    adult_beverage_trained boolean NOT NULL, created_at timestamp, termination_date date,
    mv_retail_employee_number varchar(50), crossmark_employee_id varchar(50), external_id varchar(100),
    last_synced timestamp, sync_status varchar(20));

CREATE TABLE events (
    id serial PRIMARY KEY, project_name text NOT NULL, project_ref_num integer NOT NULL UNIQUE,
    location_mvid text, store_number integer, store_name text, start_datetime timestamp NOT NULL,
    due_datetime timestamp NOT NULL, estimated_time integer, is_scheduled boolean NOT NULL,
    event_type varchar(20) NOT NULL, condition varchar(20), external_id varchar(100), last_synced timestamp,
    sync_status varchar(20), sales_tools_url text, parent_event_ref_num integer);

CREATE TABLE schedules (
    id serial PRIMARY KEY, event_ref_num integer NOT NULL REFERENCES events (project_ref_num),
    employee_id varchar(50) NOT NULL REFERENCES employees (id), schedule_datetime timestamp NOT NULL,
    external_id varchar(100), last_synced timestamp, sync_status varchar(20));

CREATE TABLE employee_weekly_availability (
    id serial PRIMARY KEY, employee_id varchar(50) NOT NULL UNIQUE REFERENCES employees (id),
    monday boolean NOT NULL, tuesday boolean NOT NULL, wednesday boolean NOT NULL, thursday boolean NOT NULL,
    friday boolean NOT NULL, saturday boolean NOT NULL, sunday boolean NOT NULL);

CREATE TABLE employee_availability (
    id serial PRIMARY KEY, employee_id varchar(50) NOT NULL REFERENCES employees (id), date date NOT NULL,
    is_available boolean NOT NULL, reason varchar(200));

CREATE TABLE employee_availability_overrides (
    id serial PRIMARY KEY, employee_id varchar(50) NOT NULL REFERENCES employees (id), start_date date NOT NULL,
    end_date date NOT NULL, monday boolean, tuesday boolean, wednesday boolean, thursday boolean, friday boolean,
    saturday boolean, sunday boolean, reason varchar(200), created_at timestamp, created_by varchar(100));

CREATE TABLE employee_time_off (
    id serial PRIMARY KEY, employee_id varchar(50) NOT NULL REFERENCES employees (id), start_date date NOT NULL,
    end_date date NOT NULL, reason varchar(200), created_at timestamp);

CREATE TABLE company_holidays (
    id serial PRIMARY KEY, name varchar(100) NOT NULL, holiday_date date NOT NULL, is_recurring boolean NOT NULL,
    recurring_month integer, recurring_day integer, recurring_rule varchar(50), notes text, is_active boolean NOT NULL,
    created_at date, updated_at date, created_by varchar(100));

CREATE TABLE rotation_assignments (
    id serial PRIMARY KEY, day_of_week integer NOT NULL, rotation_type varchar(20) NOT NULL,
    employee_id varchar(50) NOT NULL REFERENCES employees (id));

CREATE TABLE schedule_exceptions (
    id serial PRIMARY KEY, exception_date date NOT NULL, rotation_type varchar(20) NOT NULL,
    employee_id varchar(50) NOT NULL REFERENCES employees (id), reason varchar(200), created_at timestamp);

CREATE TABLE employee_attendance (
    id serial PRIMARY KEY, employee_id varchar(50) NOT NULL REFERENCES employees (id), attendance_date date NOT NULL,
    status varchar(30) NOT NULL, notes text, recorded_by varchar(100), recorded_at timestamp, updated_at timestamp);
